"""The kernel of an exported filter, by NumPy and ONNX Runtime; imports no torch."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from handloom.data.images.values import Values
from handloom.errors import UserError
from handloom.export.runtime import OnnxModel, open_model
from handloom.jobs.filter.apply import Border, Kernel

MODES = {"replicate": "edge", "reflect": "reflect", "zeros": "constant", "none": None}


def exported_kernel(model: str, flip: bool = False) -> Kernel:
    """The kernel of the file that `export` made of a filter run, slid by ONNX Runtime.

    Raises UserError for another file, and where it should be flipped.
    """
    opened = open_model(Path(model).expanduser())
    if "kernel" not in opened.known:
        raise UserError(
            f"{model} is the {opened.known['part']} of a {opened.known['job']} run: --kernel takes "
            "the file of a filter run"
        )
    if flip:
        raise UserError(f"--flip: the kernel in {model} stays as it is; give the run it is of")
    numbers = np.array(opened.known["kernel"], np.float32)
    return Kernel(numbers, partial(_slide, opened, numbers.shape[2:]))


def _slide(model: OnnxModel, size: tuple[int, int], values: Values, border: Border) -> Values:
    """The file repeats edge pixels around what it is given; that part of its answer is cut off, so
    that any other border may lie there."""
    height, width = size
    top, left = (height - 1) // 2, (width - 1) // 2
    around = ((0, 0), (top, height - 1 - top), (left, width - 1 - left))
    mode = MODES[border]
    if mode is not None:
        values = np.pad(values, around, mode)  # type: ignore[call-overload]
    (made,) = model({"image": np.ascontiguousarray(values.transpose(1, 2, 0))[None]})
    rows, columns = made.shape[1] - (height - 1), made.shape[2] - (width - 1)
    inner: Values = made[0, top : top + rows, left : left + columns].transpose(2, 0, 1)
    return inner
