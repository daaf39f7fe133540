"""metrics.jsonl: one line an epoch."""

from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory


class Journal(Callback):
    """Writes epoch, step, seconds of training, samples a second and every metric."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._before = (0.0, 0)

    def start(self, fit: Fit) -> None:
        self.run.cut_metrics(fit.progress.epoch)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress = fit.progress
        seconds, samples = progress.seconds - self._before[0], progress.samples - self._before[1]
        self._before = (progress.seconds, progress.samples)
        self.run.append_metrics(
            {
                "epoch": progress.epoch,
                "step": progress.step,
                "seconds": round(progress.seconds, 4),
                "samples_per_second": round(samples / max(seconds, 1e-9), 1),
            }
            | record
        )

    def state(self) -> dict[str, object]:
        return {"before": list(self._before)}

    def load(self, state: dict[str, list[float]]) -> None:
        if state:
            self._before = (state["before"][0], int(state["before"][1]))
