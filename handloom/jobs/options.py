"""Options every training shares, and how an option is written down once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.engine.loop import Callback, Experiment


def option(default: Any, help: str, low: float | None = None, high: float | None = None) -> Any:
    """A dataclass field with its help and its range (both ends included).

    A default of None means: chosen for the network and the size of the data, and recorded.
    """
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class Common:
    """What every job can be told."""

    epochs: int | None = option(None, "times to go through the data", 1)
    minutes: float | None = option(None, "train for about so many minutes instead", 0.01)
    batch: int | None = option(None, "examples in a step", 1)
    lr: float | None = option(None, "learning rate at its highest", 0)
    weight_decay: float | None = option(None, "pull of the weights towards zero", 0)
    clip: float | None = option(None, "largest norm of the gradient", 1e-12)
    grad_accum_steps: int = option(1, "micro-batches a batch is split into, to save memory", 1)
    seed: int = option(0, "of everything random: same seed, same run", 0)
    device: str = option("auto", "cpu, cuda, cuda:1 or mps; auto takes the fastest there is")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", "of the forward pass; auto takes bfloat16 where the machine multiplies it natively"
    )
    deterministic: bool = option(False, "bit-for-bit repeatable on a GPU too, and slower")
    cuda_graph: bool = option(False, "record a training step once as a CUDA graph and replay it")
    patience: int | None = option(None, "stop after so many epochs without a new best", 1)


@dataclass
class Built:
    """What a recipe's `build` returns.

    record: goes into config.json as it is: sizes of every network, classes, preprocessing and
        the training numbers that were chosen. `networks(record)` must be able to work from it.
    notes: sentences a person should read before training starts.
    watchers: callbacks of this job alone, such as one that draws samples.
    example: a batch of one, for the table of layers, or None.
    """

    experiment: Experiment
    record: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    watchers: list[Callable[[Any], Callback]] = field(default_factory=list)
    example: Any = None


def broken(data: DataSet) -> list[str]:
    """One sentence for the images that were left out, the first three by name."""
    if not data.broken:
        return []
    named = "; ".join(f"{path} ({reason})" for path, reason in data.broken[:3])
    more = f" and {len(data.broken) - 3} more" if len(data.broken) > 3 else ""
    return [f"left out: {pluralize(len(data.broken), 'broken image')}: {named}{more}"]
