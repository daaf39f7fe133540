"""metrics.jsonl: one line an epoch."""

from typing import Any

from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory


class Journal(Callback):
    """Writes epoch, step, seconds of training, samples a second and every metric."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._before = (0.0, 0)
        self._lines = 0

    def start(self, fit: Fit) -> None:
        self.run.cut_metrics(self._lines)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress = fit.progress
        seconds, samples = progress.seconds - self._before[0], progress.samples - self._before[1]
        self._before = (progress.seconds, progress.samples)
        self._lines += 1
        self.run.append_metrics(
            {
                "epoch": progress.epoch,
                "step": progress.step,
                "seconds": round(progress.seconds, 4),
                "samples_per_second": round(samples / max(seconds, 1e-9), 1),
            }
            | record
        )

    def state(self) -> dict[str, Any]:
        return {"before": list(self._before), "lines": self._lines}

    def load(self, state: dict[str, Any]) -> None:
        if state:
            self._before, self._lines = tuple(state["before"]), state["lines"]
