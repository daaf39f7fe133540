"""Whether a file says what the network says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from handloom.errors import UserError
from handloom.jobs.program import BATCH, Program
from handloom.wording import pluralize

TOLERANCE = 1e-4  # of numbers up to 1, and of the largest where that is larger
LEVELS = 1  # of pixels 0 to 255: where one is rounded up, the other may be rounded down
Arrays = Sequence["np.ndarray[Any, Any]"]


class Agreement(NamedTuple):
    """How a file's outputs and the network's compare.

    inputs: how many, checked_on: what they are. difference: the largest one, as a share of
    `allowed`'s unit: see `compare`. same: inputs for which the likeliest class is the same, None
    where there are no classes.
    """

    inputs: int
    checked_on: str
    difference: float
    allowed: float
    unit: str
    same: int | None

    def sentence(self) -> str:
        """For a person to read."""
        unit = f" {self.unit}" if self.unit else ""
        classes = "" if self.same is None else f", the same class for {self.same} of {self.inputs}"
        return (
            f"matches the network on {self.inputs} inputs ({self.checked_on}), in batches of 1, 2 "
            f"and 7: largest difference {self.difference:.2g}{unit} (allowed {self.allowed:g})"
            f"{classes}"
        )


def agreement(program: Program, run: Callable[..., Arrays], what: str) -> Agreement:
    """Compares all outputs over the program's checks, each batch by itself.

    run: the file. A difference is |a - b| / max(1, largest |b| of the output); of pixels it is
    |a - b| in levels. Raises UserError where one is above what is allowed, where shapes or types
    differ, and where another class is the likeliest by more than what is allowed.
    """
    worst, inputs, same = 0.0, 0, 0
    has_classes = program.outputs[0].name == "probabilities"
    is_pixels = program.outputs[0].dtype == "uint8"
    allowed = float(LEVELS) if is_pixels else TOLERANCE
    for batch in program.checks:
        expected, actual = _outputs(program, batch), run(*batch)
        _check_kinds(what, expected, actual)
        worst = max(worst, *(map(_difference, actual, expected)))
        if not worst <= allowed:  # not a number is no agreement either
            raise _differs(what, program, worst, allowed)
        inputs += _examples(program, batch)
        if has_classes:
            same += _same_classes(what, actual[0], expected[0])
    known = same if has_classes else None
    unit = "levels of 255" if is_pixels else ""
    return Agreement(inputs, program.checked_on, worst, allowed, unit, known)


@torch.no_grad()
def _outputs(program: Program, batch: tuple[Tensor, ...]) -> Arrays:
    outputs = program.module(*batch)
    tensors = outputs if isinstance(outputs, tuple) else (outputs,)
    return [tensor.numpy() for tensor in tensors]


def _examples(program: Program, batch: tuple[Tensor, ...]) -> int:
    return int(batch[0].shape[program.inputs[0].shape.index(BATCH)])


def _difference(actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> float:
    apart = np.abs(actual.astype(np.float64) - expected.astype(np.float64)).max(initial=0.0)
    if expected.dtype == np.uint8:
        return float(apart)
    return float(apart / max(1.0, np.abs(expected).max(initial=0.0)))


def _check_kinds(what: str, expected: Arrays, actual: Arrays) -> None:
    kinds = [[(a.shape, a.dtype.name) for a in arrays] for arrays in (expected, actual)]
    if kinds[0] != kinds[1]:
        raise UserError(
            f"{what} was not written: its outputs are {kinds[1]}, and the network's {kinds[0]}; "
            "please report it, with the network's name"
        )


def _same_classes(what: str, actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> int:
    """How many likeliest classes are the same; they may differ where two are equally likely."""
    mine, wanted = actual.argmax(1), expected.argmax(1)
    rows = np.arange(len(wanted))
    margin = expected[rows, wanted] - expected[rows, mine]
    if (margin > 2 * TOLERANCE).any():
        raise UserError(
            f"{what} was not written: it names another class than the network for "
            f"{pluralize(int((margin > 2 * TOLERANCE).sum()), 'input')}; please report it"
        )
    return int((mine == wanted).sum())


def _differs(what: str, program: Program, worst: float, allowed: float) -> UserError:
    return UserError(
        f"{what} was not written: its outputs differ from the network's by {worst:.2g} on "
        f"{program.checked_on}, and {allowed:g} is allowed; try the other --format"
    )
