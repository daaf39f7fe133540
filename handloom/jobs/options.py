"""Options that every training shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args, get_type_hints

from handloom.config import SEED, option
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.jobs.training.stage import Built

BALANCED = (
    "balanced: classes weigh in inverse proportion to their frequency; macro F1 chooses the epoch"
)
SPLIT_SEED = "seed that data are divided by, into splits and folds; by default --seed"
UNCLEAR_LABELS = (
    "take NA, several labels in a cell or hundreds of numbers as classes, or drop such rows"
)


@dataclass(frozen=True, kw_only=True)
class CommonConfig:
    """Options of every job, whatever it optimises."""

    seed: int = option(0, "of all random numbers: the same seed gives the same run", *SEED)
    device: str = option("auto", "cpu, cuda, cuda:1 or mps; auto takes the fastest available")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", "of the forward pass; auto is bfloat16 where the processor multiplies it natively"
    )
    deterministic: bool = option(False, "repeatable bit for bit on a GPU too, but slower")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(CommonConfig):
    """Options of every job that trains networks on data, epoch by epoch."""

    epochs: int | None = option(None, "passes over the training data", 1)
    minutes: float | None = option(
        None, "train for about this long instead, one epoch at least", 0.01
    )
    batch: int | None = option(None, "examples per step", 1)
    lr: float | None = option(None, "peak learning rate", 0, synonyms=("rate", "learning-rate"))
    weight_decay: float | None = option(
        None, "strength of the decay of weights towards zero", 0, synonyms=("l2",)
    )
    clip: float | None = option(
        None, "norm that gradients are clipped to", 1e-12, synonyms=("max-norm",)
    )
    grad_accum_steps: int = option(1, "micro-batches per batch, to save memory", 1)
    cuda_graph: Literal["auto", "on", "off"] = option(
        "auto", "record a training step once as a CUDA graph and replay it; auto: on CUDA devices"
    )
    patience: int | None = option(None, "stop after this many epochs without a new best", 1)


@dataclass(frozen=True, kw_only=True)
class ResolvedTraining(TrainingConfig):
    """A training config in which every option has been chosen.

    A job's `Resolved` declares the options that its `resolve` fills once more, without None, and
    its `build` takes a `Resolved`.
    """

    epochs: int
    batch: int
    lr: float


def vain_patience(config: CommonConfig, built: Built) -> str | None:
    """Why --patience has nothing to wait for, in a sentence; None where it has, or is not given."""
    patience = config.patience if isinstance(config, TrainingConfig) else None
    if patience is None or built.experiment.monitor is not None:
        return None
    if not any(stage.epochs for stage in built.stages):
        return f"--patience {patience}: this is solved, not trained epoch by epoch"
    return f"--patience {patience}: no validation metric decides the best epoch of this training"


class Seeded(Protocol):
    """A config whose data are divided by a seed of their own, where one is given."""

    @property
    def seed(self) -> int:
        """Of all random numbers."""

    @property
    def split_seed(self) -> int | None:
        """What data are divided by; None for `seed`."""


def split_seed(config: Seeded) -> int:
    """What data are divided and dealt into folds by: the seed of the training, unless another is
    given."""
    return config.seed if config.split_seed is None else config.split_seed


C = TypeVar("C", bound=CommonConfig)


def fill(resolved: type[C], config: CommonConfig, chosen: Mapping[str, Any]) -> C:
    """`config` as a `resolved`, with the values of `chosen` for options that were not given.

    Raises TypeError where an option that `resolved` needs is in neither.
    """
    given = vars(config)
    values = given | {name: value for name, value in chosen.items() if given[name] is None}
    hints = get_type_hints(resolved)
    open_ = [
        field.name
        for field in fields(resolved)
        if values[field.name] is None and NoneType not in get_args(hints[field.name])
    ]
    if open_:
        raise TypeError(f"resolve leaves {', '.join(open_)} open")
    return resolved(**values)


def broken(data: DataSet) -> list[str]:
    """One sentence for images that were left out: up to four by name, of more the first three."""
    if not data.broken:
        return []
    shown = data.broken if len(data.broken) <= 4 else data.broken[:3]
    named = "; ".join(f"{path} ({reason})" for path, reason in shown)
    rest = len(data.broken) - len(shown)
    more = f" and {rest} more" if rest else ""
    return [f"left out: {pluralize(len(data.broken), 'broken image')}: {named}{more}"]
