"""Requests that arrive together are answered together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from handloom.studio.workers import Busy

MOST_TOGETHER = 32  # more is not faster on a processor, and the first waits for the last
MOST_QUEUED = 256
WINDOW = 0.004  # seconds: who got an answer of one batch asks again at about the same time

AnswerTogether = Callable[[Hashable, Sequence[Any]], Awaitable[Sequence[Any]]]


class Waiting(NamedTuple):
    """A request. key: what only requests of one batch may share, such as their options."""

    key: Hashable
    subject: Any
    answer: asyncio.Future[Any]


class Batches:
    """A queue of bounded length in front of a function of many.

    answer: (key, subjects) to one result for each subject, which may be an exception.
    """

    def __init__(
        self, answer: AnswerTogether, most: int = MOST_TOGETHER, queued: int = MOST_QUEUED
    ) -> None:
        self.answer, self.most, self.queued = answer, most, queued
        self._waiting: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last = 1

    async def ask(self, key: Hashable, subject: Any) -> Any:
        """The result for one subject. Raises Busy where too many wait."""
        if len(self._waiting) >= self.queued:
            raise Busy(f"{self.queued} requests are waiting: ask again in a moment")
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        request = Waiting(key, subject, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._arrived.set()
        return await request.answer

    async def close(self) -> None:
        """Stop; who still waits is told."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for request in self._waiting:
            if not request.answer.done():
                request.answer.set_exception(Busy("the server is being stopped"))

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if self._last > 1 and len(self._waiting) < min(self._last, self.most):
                await asyncio.sleep(WINDOW)
            batch = self._taken()
            self._last = len(batch)
            if batch:
                await self._answered(batch)

    def _taken(self) -> list[Waiting]:
        """The first that waits, and those behind it that can be answered with it."""
        batch: list[Waiting] = []
        while self._waiting and len(batch) < self.most:
            if batch and self._waiting[0].key != batch[0].key:
                break
            request = self._waiting.popleft()
            if not request.answer.done():  # whose client has gone
                batch.append(request)
        if not self._waiting:
            self._arrived.clear()
        return batch

    async def _answered(self, batch: list[Waiting]) -> None:
        results: Sequence[Any]
        try:
            results = await self.answer(batch[0].key, [request.subject for request in batch])
        except Exception as error:
            results = [error] * len(batch)
        for request, result in zip(batch, results, strict=True):
            if request.answer.done():
                continue
            if isinstance(result, Exception):
                request.answer.set_exception(result)
            else:
                request.answer.set_result(result)
