"""What keeps an eye on a generator: the reference it is judged against, and words for a person."""

from typing import Protocol

from torch import Tensor

from handloom.engine.loop import Fit, Observer
from handloom.runs import RunDirectory


class Judging(Protocol):
    """What a judge must be able to do to be kept in a run."""

    def learn(self) -> dict[str, Tensor]:
        """Look at the data; what is to be kept."""

    def take(self, tensors: dict[str, Tensor]) -> None:
        """Take up what was kept."""


class Reference(Observer):
    """Gets the judge ready before the first step: from the run's reference.safetensors where it is
    there, as in a resumed run, otherwise from the data, and keeps what was learned in the run."""

    def __init__(self, run: RunDirectory, judge: Judging) -> None:
        self.run, self.judge = run, judge

    def start(self, fit: Fit) -> None:
        saved = self.run.reference()
        if saved is None:
            self.run.write_reference(self.judge.learn())
        else:
            self.judge.take(saved)
