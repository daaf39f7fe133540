"""What a job ships: a network as a function of tensors, with all that a stranger needs to call it.

A job's `export` makes `Program`s of a finished run; `handloom/export` writes them into files, and
checks that the files say what the networks say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.errors import UserError

BATCH = "batch"  # the name of the free size that counts examples
SIZES = (1, 2, 7)  # of the batches that a file is checked on, in turn
CHECKED = 30  # examples


def without_data(error: UserError) -> str:
    """Why other inputs stand in for real ones."""
    from handloom.jobs.training.places import Changed

    changed = isinstance(error, Changed)
    return f"since its data {'have changed' if changed else 'are not at hand'}"


class Port(NamedTuple):
    """An input or an output of a program.

    shape: sizes, and the names of those that are free, such as "batch". about: what it holds, for a
    person to read.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    about: str


@dataclass(frozen=True)
class Program:
    """A network of a run as it is shipped.

    part: what it is, such as "classifier" or "decoder". task: its name at Hugging Face. module: in
    eval mode, in float32 on the CPU; called with the tensors of `inputs` in their order, it gives
    those of `outputs`, a tensor or a tuple. checks: batches of 1, 2 and 7 inputs in turn, as it is
    called in use, by which every file is checked. checked_on: what these are, for a person to read.
    usage: Python that calls it with ONNX Runtime, which knows the file as FILE. known: what a
    caller must know, for JSON: how an input is prepared, classes, temperature. is_asked: it is left
    out unless its part is asked for. written: gives the module that is written in a format, where
    that is not `module` itself, by which it is checked all the same. limits: the largest value of
    free sizes that have one, by name.
    """

    part: str
    task: str
    module: nn.Module
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    checks: tuple[tuple[Tensor, ...], ...]
    checked_on: str
    usage: str
    known: dict[str, Any] = field(default_factory=dict)
    is_asked: bool = False
    written: Callable[[str], nn.Module] | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def example(self) -> tuple[Tensor, ...]:
        """The largest of the batches."""
        return max(self.checks, key=lambda batch: batch[0].numel())


def in_batches(count: int) -> Iterator[slice]:
    """Rows in batches of 1, 2 and 7 in turn; what is left over at the end is left out."""
    start, number = 0, 0
    while start + SIZES[number % len(SIZES)] <= count:
        size = SIZES[number % len(SIZES)]
        yield slice(start, start + size)
        start, number = start + size, number + 1


def batches(*rows: Tensor) -> tuple[tuple[Tensor, ...], ...]:
    """The checks of programs whose inputs all count examples first."""
    return tuple(tuple(each[part] for each in rows) for part in in_batches(len(rows[0])))


def spread(count: int) -> list[int]:
    """CHECKED rows of `count`, evenly spread; of fewer, some more than once."""
    return [row * count // CHECKED for row in range(CHECKED)]
