"""Who opens a store owns it and closes it: indexes, stores and databases in a `with` statement."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, Self


class Closable(Protocol):
    """What holds files or connections."""

    def close(self) -> None:
        """Release them; a second time it does nothing."""


class Closing(ABC):
    """What is closed where its `with` statement ends."""

    @abstractmethod
    def close(self) -> None:
        """Release files and connections; a second time it does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def closed_on_error(opened: Closable) -> Iterator[None]:
    """Closes what was opened where the rest of its making fails; else the caller has it."""
    try:
        yield
    except BaseException:
        opened.close()
        raise
