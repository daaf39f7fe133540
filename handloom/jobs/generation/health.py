"""What keeps an eye on a generator: the reference it is judged against, and words for a person."""

from typing import Any, Protocol

from torch import Tensor

from handloom.engine.loop import Callback, Fit
from handloom.errors import UserError
from handloom.metrics.gan_health import words
from handloom.runs.directory import RunDirectory


class Judging(Protocol):
    """What a judge must be able to do to be kept in a run."""

    def learn(self) -> dict[str, Tensor]:
        """Look at the data and be ready; what is to be kept."""

    def take(self, tensors: dict[str, Tensor]) -> None:
        """Be ready with what was kept; raises UserError where it is of another judge."""


class Reference(Callback):
    """Gets the judge ready before the first step, and keeps what it knows in the run.

    A resumed run takes it from reference.safetensors; where that is damaged or gone the judge
    learns again, which gives the same figures on the same machine.
    """

    def __init__(self, run: RunDirectory, judge: Judging) -> None:
        self.run, self.judge = run, judge

    def start(self, fit: Fit) -> None:
        try:
            saved = self.run.reference()
            if saved is not None:
                self.judge.take(saved)
                return
        except UserError as error:
            fit.progress.notes.append(f"{error}; the judge learns the images again")
        self.run.write_reference(self.judge.learn())


class HealthLine(Callback):
    """Says once in words what goes wrong with two players, as soon as their metrics show it.

    The sentences go to the progress line; a report makes the same ones from metrics.jsonl.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._lines: list[dict[str, Any]] = []
        self._said: list[str] = []

    def start(self, fit: Fit) -> None:
        """What was said before a resume is not said again."""
        self._lines = [line for line in self.run.metrics() if line["epoch"] <= fit.progress.epoch]
        self._said = words(self._lines)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        progress = fit.progress
        self._lines.append({"epoch": progress.epoch, "step": progress.step} | record)
        if "valid/diversity" not in record:
            return
        new = [sentence for sentence in words(self._lines) if sentence not in self._said]
        self._said += new
        progress.notes += new
