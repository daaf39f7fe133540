"""An image filtered by an exported kernel, by NumPy, Pillow and ONNX Runtime; imports no torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from handloom.data.images.values import Values, read_values
from handloom.errors import UserError
from handloom.export.runtime import OnnxModel, open_model
from handloom.jobs.filter.apply import Border, Filtered, check_channels, check_result, finished
from handloom.jobs.filter.display import ShownAs

MODES = {"replicate": "edge", "reflect": "reflect", "zeros": "constant", "none": None}


def filter(
    image: str | Path,
    model: str | Path,
    out: str | Path | None = None,
    *,
    border: Border = "replicate",
    flip: bool = False,
    shown: ShownAs | None = None,
) -> Filtered:
    """As `jobs.filter.apply.filter`, with the file that `export` made of a filter run as kernel."""
    image, out = Path(image).expanduser(), None if out is None else Path(out).expanduser()
    if out is not None:
        check_result(image, out)
    opened = open_model(Path(model).expanduser())
    if "kernel" not in opened.known:
        raise UserError(
            f"{model} is the {opened.known['part']} of a {opened.known['job']} run: --kernel takes "
            "the file of a filter run"
        )
    kernel = np.array(opened.known["kernel"], np.float32)
    if flip:
        raise UserError(f"--flip: the kernel in {model} stays as it is; give the run it is of")
    given = read_values(image)
    check_channels(kernel, given.values)
    return finished(_applied(opened, kernel, given.values, border), kernel, given.notes, out, shown)


def _applied(model: OnnxModel, kernel: Values, values: Values, border: Border) -> Values:
    """The file repeats edge pixels around what it is given; that part of its answer is cut off, so
    that any other border may lie there."""
    height, width = kernel.shape[2:]
    top, left = (height - 1) // 2, (width - 1) // 2
    around = ((0, 0), (top, height - 1 - top), (left, width - 1 - left))
    mode = MODES[border]
    if mode is not None:
        values = np.pad(values, around, mode)  # type: ignore[call-overload]
    (made,) = model({"image": np.ascontiguousarray(values.transpose(1, 2, 0))[None]})
    rows, columns = made.shape[1] - (height - 1), made.shape[2] - (width - 1)
    inner: Values = made[0, top : top + rows, left : left + columns].transpose(2, 0, 1)
    return inner
