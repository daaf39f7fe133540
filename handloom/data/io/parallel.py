"""Work on long lists in threads, in order, with bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Returned = TypeVar("Returned")


def in_chunks(
    work: Callable[[int, Sequence[Item]], Returned], items: Sequence[Item], size: int
) -> Iterator[Returned]:
    """`work(start, items[start : start + size])` for each chunk, in order.

    At most four chunks a thread are in work or waiting to be taken, so that results do not pile up.
    """
    threads = os.cpu_count() or 1
    waiting: deque[Future[Returned]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(items), size):
            waiting.append(pool.submit(work, start, items[start : start + size]))
            if len(waiting) >= 4 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
