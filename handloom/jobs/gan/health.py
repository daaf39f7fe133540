"""Callbacks of a GAN: the reference of its evaluator, and warnings."""

from handloom.engine.loop import Callback, Fit
from handloom.errors import UserError
from handloom.jobs.gan.evaluator import Evaluator
from handloom.metrics.gan_health import training_warnings
from handloom.runs.directory import RunDirectory
from handloom.runs.records import Metrics


class Reference(Callback):
    """Prepares the evaluator before the first step and saves it in the run.

    A resumed run restores it from reference.safetensors. If that file is damaged or missing, the
    evaluator is fitted again, with the same figures on the same machine.
    """

    def __init__(self, run: RunDirectory, evaluator: Evaluator) -> None:
        self.run, self.evaluator = run, evaluator

    def start(self, fit: Fit) -> None:
        try:
            saved = self.run.reference()
            if saved is not None:
                self.evaluator.restore(saved)
                return
        except UserError as error:
            fit.progress.notes.append(f"{error}; the evaluator is fitted again")
        self.run.write_reference(self.evaluator.fit())


class TrainingWarnings(Callback):
    """Prints each warning once, as soon as the metrics show it.

    A report derives the same sentences from metrics.jsonl.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._lines: list[Metrics] = []
        self._shown: list[str] = []

    def start(self, fit: Fit) -> None:
        """Warnings from before a resume are not repeated."""
        self._lines = [line for line in self.run.metrics() if line["epoch"] <= fit.progress.epoch]
        self._shown = training_warnings(self._lines)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress = fit.progress
        self._lines.append({"epoch": progress.epoch, "step": progress.step} | record)
        if "valid/diversity" not in record:
            return
        new = [
            sentence for sentence in training_warnings(self._lines) if sentence not in self._shown
        ]
        self._shown += new
        progress.notes += new
