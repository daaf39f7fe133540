"""Where a run stands, from its plan and its newest whole checkpoint; and what can be added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.training.stage import Stage

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.engine.loop import Experiment, StageStart
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import RunConfig, StageRecord

CYCLE = "cycle"  # what the name of a stage that was added begins with


@dataclass(frozen=True)
class Saved:
    """A checkpoint. start: where the stage it belongs to begins."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]
    start: StageStart

    @property
    def epoch(self) -> int:
        """Finished ones, of all stages."""
        return int(self.numbers["epoch"])

    @property
    def is_complete(self) -> bool:
        """Whether its stage has ended, after its last epoch or early."""
        return bool(self.numbers["complete"])


@dataclass(frozen=True)
class Standing:
    """What is planned, and what is done.

    stages, epochs: as in config.json. saved: None where the run begins again, from its seed.
    """

    stages: list[StageRecord]
    epochs: int
    saved: Saved | None

    @property
    def is_complete(self) -> bool:
        """Whether every planned stage has ended."""
        saved, last = self.saved, len(self.stages) - 1
        return saved is not None and saved.is_complete and saved.start.number == last

    @property
    def total(self) -> int:
        """The epochs the run will have if nothing is added: fewer than planned where a stage ended
        early."""
        return self.saved.epoch if self.saved is not None and self.is_complete else self.epochs

    def added(self, total: int, path: Path) -> int:
        """The epochs that a new total adds to the plan, 0 where the plan has as many.

        Raises UserError where the plan, or what is done of it, has more.
        """
        if self.is_complete and total <= self.total:
            raise UserError(
                f"--epochs {total}: {path} has {self.total} epochs already; give a larger total"
            )
        if total < self.total:
            raise UserError(
                f"--epochs {total}: {path} is planned for {self.total} epochs; leave it out to "
                "finish them, or give a larger total"
            )
        return total - self.total


def standing(directory: RunDirectory, config: RunConfig, display: Display) -> Standing:
    """Where a run with a plan stands; a note for every damaged checkpoint that is passed over."""
    from handloom.engine.checkpoint import stage_start

    checkpoint, saved = directory.checkpoint(), None
    if checkpoint is not None:
        tensors, numbers, notes = checkpoint
        for note in notes:
            display.note(note)
        saved = Saved(tensors, numbers, stage_start(numbers))
    return Standing(config["stages"], config["epochs"], saved)


def another_cycle(
    stages: Sequence[Stage], last: Stage, added: int, stand: Standing, path: Path
) -> Stage:
    """A cycle of `added` epochs after `stages`, of the networks of the job's `last` stage.

    Raises UserError where that is not trained epoch by epoch.
    """
    total = stand.total + added
    if not last.epochs:
        remedy = f"train with {last.remedy}" if last.remedy else "leave --epochs out"
        raise UserError(
            f"--epochs {total}: the last stage of {path}, '{last.name}', is solved, not trained "
            f"epoch by epoch: {remedy}"
        )
    return cycle(last, len(stages) + 1, added)


def cycle(last: Stage, number: int, epochs: int) -> Stage:
    """A new cycle over a finished training: the same networks and optimizers, schedules anew.

    Its learning rate warms up and falls again, since at the end of a schedule nothing is learned
    any more. What ran its course in the first cycle, such as the warm-up of a KL weight, stays.
    """

    def build(previous: Experiment | None) -> Experiment:
        experiment = last.build(None) if previous is None else previous
        return replace(experiment, scheduled=[value.again() for value in experiment.scheduled])

    return Stage(f"{CYCLE} {number}", epochs, build, last.callbacks)


def totals_added(config: RunConfig) -> list[int]:
    """The totals of epochs that a run was resumed to after its end, by its config.json."""
    cycles = [s["epochs"] for s in config.get("stages", ()) if s["name"].startswith(CYCLE)]
    return [config["epochs"] - sum(cycles[place + 1 :]) for place in range(len(cycles))]


def plan(stages: Sequence[Stage]) -> list[StageRecord]:
    """Names and epochs, for config.json."""
    return [{"name": stage.name, "epochs": stage.epochs} for stage in stages]


def planned(stages: Sequence[Stage], recorded: Sequence[StageRecord]) -> list[Stage]:
    """The stages of a recorded plan: those that the job builds, and the cycles added since."""
    added = list(stages)
    for record in recorded[len(stages) :]:
        added.append(cycle(stages[-1], len(added) + 1, record["epochs"]))
    return added


def check_data(fingerprint: str, place: str, config: RunConfig) -> None:
    """Raise a UserError where the data are not those that the run began with."""
    if fingerprint != config["fingerprint"]:
        raise UserError(
            f"the data at {place} are not those the run began with: restore them, or train again"
        )


def check_network(ours: object, theirs: object, directory: RunDirectory) -> None:
    """Raise a UserError, before anything is written, where this version builds another network from
    the options of a run than the one whose weights are there."""
    other = other_sizes(ours, theirs)
    if other:
        raise UserError(
            f"{directory.path} has a network that differs from what its options mean now "
            f"({', '.join(other)}): it can be used as it is, but not trained on; train it anew"
        )


def other_sizes(ours: object, theirs: object) -> list[str]:
    """In what two networks differ, by their records. Means and deviations of images, which a number
    of threads may round otherwise, are not compared."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return []
    names = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    return sorted(n for n in names if isinstance(ours.get(n, theirs.get(n)), int | float | str))
