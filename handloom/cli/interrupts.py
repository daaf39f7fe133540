"""Ctrl-C where a library loses it: what is half imported fails later, in an error of its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noticed() -> Iterator[None]:
    """A context in which any error after Ctrl-C is the interruption: it raises KeyboardInterrupt.

    Where Ctrl-C does something else already, as in a program that calls this one, nothing changes.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    has_come = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal has_come
        has_come = True
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # not the main thread, which alone can handle signals
        yield
        return
    try:
        yield
    except Exception as error:
        if has_come:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
