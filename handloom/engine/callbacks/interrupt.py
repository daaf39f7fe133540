"""Ctrl-C and SIGTERM end a run after the present step, with everything saved."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from handloom.engine.loop import Fit

SIGNALS: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
if sys.platform == "win32":
    SIGNALS = (*SIGNALS, signal.SIGBREAK)  # Ctrl-Break, the one that another process can send


@contextmanager
def stop_on_signal(fit: Fit) -> Iterator[None]:
    """A context: the first signal asks the loop to stop, and a second one kills as usual."""

    def ask(number: int, frame: FrameType | None) -> None:
        fit.progress.interrupted = True
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        before = {n: signal.signal(n, ask) for n in SIGNALS}
    except ValueError:  # not the main thread, which alone can handle signals
        yield
        return
    try:
        yield
    finally:
        restore()
