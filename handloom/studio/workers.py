"""Worker processes, one for each opened run or index, and few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.studio.folder import INDEX
from handloom.studio.worker import STOP, work

MOST_WORKERS = 3  # each holds torch and a network: some 300 MB and more
MOST_WAITING = 16  # requests at one worker, above which further ones are refused


WorkerKey = tuple[Path, int]
"""A run, and the time of change of its weights in ns; or an index, and the number of its file, so
that one that is deleted and made anew is another."""


class Busy(UserError):  # noqa: N818
    """More requests are waiting than are taken."""


class Failed(Exception):  # noqa: N818
    """A worker met a fault of ours; the message names it."""


class Worker:
    """A process in which one run or index is open. Requests are answered one after the other.

    within: folders that a table of its data may name files in; none: any.
    """

    def __init__(
        self, place: Path, is_index: bool, threads: ThreadPoolExecutor, within: Sequence[str] = ()
    ) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(
            target=work, args=(theirs, str(place), is_index, within), daemon=True,
            name=f"handloom {place}",
        )  # fmt: skip
        self.process.start()
        theirs.close()
        self.place, self.threads = place, threads
        self.lock, self.waiting = asyncio.Lock(), 0
        self._ending: set[asyncio.Future[None]] = set()

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.is_alive()

    async def ask(self, name: str, most_waiting: int = MOST_WAITING, /, **arguments: Any) -> Any:
        """The answer of an action. Raises UserError, Busy where too many wait, Failed.

        arguments may have any name, since requests name them.
        """
        async with aclosing(self._answers(name, most_waiting, arguments)) as answers:
            async for kind, value in answers:
                if kind == "end":
                    return value
        return None

    async def stream(self, name: str, /, **arguments: Any) -> AsyncIterator[Any]:
        """The parts of an answer as they come; closing it stops the action."""
        async with aclosing(self._answers(name, MOST_WAITING, arguments)) as answers:
            async for kind, value in answers:
                if kind == "part":
                    yield value

    async def _answers(
        self, name: str, most_waiting: int, arguments: dict[str, Any]
    ) -> AsyncGenerator[tuple[str, Any]]:
        if self.waiting >= most_waiting:
            raise Busy("too many requests are waiting: ask again in a moment")
        self.waiting += 1
        try:
            await self.lock.acquire()
        except BaseException:
            self.waiting -= 1
            raise
        answer: asyncio.Future[tuple[str, Any]] | None = None
        kind = ""
        try:
            await self._run(self.connection.send, (name, arguments))
            kind = "part"
            while kind == "part":
                answer = asyncio.ensure_future(self._run(self.connection.recv))
                kind, value = await asyncio.shield(answer)
                answer = None
                _check(kind, value)
                yield kind, value
        finally:
            ended = asyncio.ensure_future(self._end(answer, is_open=kind == "part"))
            self._ending.add(ended)
            ended.add_done_callback(self._ending.discard)

    async def _end(self, answer: asyncio.Future[tuple[str, Any]] | None, is_open: bool) -> None:
        """After an answer, or in the middle of one that nobody listens to any more."""
        try:
            if is_open:
                await self._run(self.connection.send, (STOP, {}))
            while is_open:
                kind, _ = await (answer or self._run(self.connection.recv))
                is_open, answer = kind == "part", None
        except Failed:
            pass  # it is closed
        finally:
            self.waiting -= 1
            self.lock.release()

    async def _run(self, function: Any, *arguments: Any) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self.threads, function, *arguments
            )
        except (EOFError, OSError):
            self.close()
            raise Failed(f"the process that had {self.place.name} open has ended") from None

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self.connection.close()
        self.process.terminate()


class Workers:
    """At most `MOST_WORKERS` of them; what was asked longest ago makes room."""

    def __init__(self, within: Sequence[str]) -> None:
        self.within = within
        self.threads = ThreadPoolExecutor(2 * MOST_WORKERS + 2, "handloom-worker")
        self._workers: dict[WorkerKey, Worker] = {}

    def run(self, path: Path) -> Worker:
        """The worker of a run, started where there is none, or its weights have changed since."""
        weights = path / "networks.safetensors"
        changed = weights.stat().st_mtime_ns if weights.exists() else 0
        return self._worker((path, changed), is_index=False)

    def index(self, path: Path) -> Worker:
        """The worker of an index, started where there is none, or another index is in its place."""
        return self._worker((path, (path / INDEX).stat().st_ino), is_index=True)

    def forget(self, path: Path) -> None:
        """Close what is open at a path: what is there has changed."""
        for key in [key for key in self._workers if key[0] == path]:
            self._workers.pop(key).close()

    def close(self) -> None:
        """End all."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _worker(self, key: WorkerKey, is_index: bool) -> Worker:
        worker = self._workers.pop(key, None)
        if worker is None or not worker.is_alive:
            self.forget(key[0])  # what was there before
            self._make_room()
            worker = Worker(key[0], is_index, self.threads, self.within)
        self._workers[key] = worker  # the last one asked is the last in order
        return worker

    def _make_room(self) -> None:
        idle = [key for key, worker in self._workers.items() if not worker.waiting]
        while len(self._workers) >= MOST_WORKERS and idle:
            self._workers.pop(idle.pop(0)).close()
        if len(self._workers) >= MOST_WORKERS:
            raise Busy(f"{MOST_WORKERS} runs are answering already: ask again in a moment")


def _check(kind: str, value: Any) -> None:
    if kind == "refused":
        raise UserError(value)
    if kind == "failed":
        raise Failed(value)
