"""Requests that wait together are answered together, in bounded number."""

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import pytest

from handloom.studio.batches import Batches
from handloom.studio.workers import Busy


def test_together_by_key_and_one_by_one() -> None:
    seen: list[tuple[Hashable, list[Any]]] = []

    async def answer(key: Hashable, subjects: Sequence[Any]) -> list[Any]:
        seen.append((key, list(subjects)))
        await asyncio.sleep(0.01)
        return [ValueError("odd") if subject == 13 else subject * 10 for subject in subjects]

    async def ask() -> list[Any]:
        batches = Batches(answer, most=4)
        keys = ["a"] * 6 + ["b"]
        asked = [batches.ask(key, number) for number, key in enumerate(keys)]
        asked.append(batches.ask("b", 13))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await batches.close()
        return answers

    answers = asyncio.run(ask())
    assert answers[:7] == [0, 10, 20, 30, 40, 50, 60]
    assert isinstance(answers[7], ValueError)  # who asked badly is answered badly, alone
    assert [key for key, _ in seen] == ["a", "a", "b"]
    assert [len(subjects) for _, subjects in seen] == [4, 2, 2]


def test_a_full_queue_refuses() -> None:
    async def answer(key: Hashable, subjects: Sequence[Any]) -> Sequence[Any]:
        await asyncio.sleep(0.05)
        return subjects

    async def ask() -> list[Any]:
        batches = Batches(answer, most=1, queued=3)
        asked = [asyncio.create_task(batches.ask("a", number)) for number in range(5)]
        done = await asyncio.gather(*asked, return_exceptions=True)
        await batches.close()
        return done

    done = asyncio.run(ask())
    assert sum(isinstance(each, Busy) for each in done) == 2


def test_a_failure_reaches_all_of_a_batch() -> None:
    async def answer(key: Hashable, subjects: Sequence[Any]) -> Sequence[Any]:
        raise OSError("gone")

    async def ask() -> None:
        batches = Batches(answer)
        with pytest.raises(OSError, match="gone"):
            await batches.ask("a", 1)
        with pytest.raises(OSError, match="gone"):  # and the next is answered too
            await batches.ask("a", 2)
        await batches.close()

    asyncio.run(ask())
