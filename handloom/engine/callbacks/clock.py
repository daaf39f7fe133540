"""Stop after some seconds of wall time."""

import time

from handloom.engine.loop import Callback, Fit


class StopAfter(Callback):
    """Ends the run at the first step after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def start(self, fit: Fit) -> None:
        self._until = time.monotonic() + self.seconds

    def step(self, fit: Fit) -> None:
        if time.monotonic() >= self._until:
            fit.progress.stop = f"{self.seconds:g} seconds are over"
