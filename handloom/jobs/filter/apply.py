"""`handloom filter`: a kernel that is known, over one image."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from handloom.data.images.values import NUMBERS, Values, read_values, write_values
from handloom.errors import UserError
from handloom.jobs.filter.display import ShownAs, choose, visible
from handloom.jobs.filter.kernels import as_text, find_kernel, numbers_of

if TYPE_CHECKING:
    from handloom.models.image.linear_filter import LinearFilter

Border = Literal["replicate", "reflect", "zeros", "none"]
MODES = {"replicate": "replicate", "reflect": "reflect", "zeros": "constant"}


class Filtered(NamedTuple):
    """values: float32 (C, H, W) of NumPy, of any range. notes: sentences on what was read and
    written."""

    values: Values
    notes: tuple[str, ...]


class Kernel(NamedTuple):
    """A kernel, wherever it comes from, and what slides it.

    numbers: float32 (C_out, C_in, H, W). slide: values (C, H, W) and what lies beyond them to the
    filtered values.
    """

    numbers: Values
    slide: Callable[[Values, Border], Values]


def found_kernel(kernel: str, flip: bool = False) -> Kernel:
    """A kernel by its name, rows, file or run, slid by torch."""
    network = find_kernel(kernel)
    if flip:
        network.kernel.data = network.kernel.data.flip(2, 3)
    return Kernel(numbers_of(network), partial(_slide, network))


def filter(
    image: Path, kernel: Kernel, out: Path | None, border: Border, shown: ShownAs | None
) -> Filtered:
    """As `handloom.filter`, by a kernel from anywhere."""
    if out is not None:
        _check_result(image, out)
    given = read_values(image)
    _check_channels(kernel.numbers, given.values)
    values = kernel.slide(given.values, border)
    notes = (*given.notes, f"kernel {as_text(kernel.numbers)}")
    if out is None:
        return Filtered(values, notes)
    return Filtered(values, (*notes, _written(values, kernel.numbers, out, shown)))


def _check_result(image: Path, out: Path) -> None:
    """Refuse, before any work, a place that neither an image nor numbers can be written to."""
    if out.suffix.lower() not in NUMBERS:
        from handloom.data.images.photo import check_writable

        check_writable(out)
    elif not out.absolute().parent.is_dir():
        raise UserError(f"the folder of '{out}' does not exist: make it, or choose another --out")
    if out.resolve() == image.resolve():
        raise UserError(f"--out {out} is the image itself: name another file")


def _check_channels(kernel: Values, values: Values) -> None:
    """Refuse an image that a kernel does not go over."""
    outputs, inputs, height, width = kernel.shape
    if height > values.shape[1] or width > values.shape[2]:
        raise UserError(
            f"the kernel of {height}x{width} is larger than the image, "
            f"{values.shape[1]}x{values.shape[2]} (rows x columns): give a smaller one"
        )
    if inputs not in (1, len(values)) or (inputs == 1 and outputs > 1 and len(values) > 1):
        raise UserError(
            f"the kernel takes {inputs} channels and the image has {len(values)}: give an image "
            "like the one that it was learned from"
        )


def _slide(network: LinearFilter, values: Values, border: Border) -> Values:
    import torch
    from torch.nn import functional as F

    outputs, inputs, height, width = network.kernel.shape
    given = torch.from_numpy(values)
    # A kernel of one channel filters each colour by itself; another one mixes them.
    planes = given[:, None] if inputs == outputs == 1 else given[None]
    if border != "none":
        top, left = (height - 1) // 2, (width - 1) // 2  # where torch's padding="same" puts it
        around = (left, width - 1 - left, top, height - 1 - top)
        planes = F.pad(planes, around, MODES[border])
    made: Values = network(planes).detach().flatten(0, 1).numpy()
    return made


def _written(values: Values, kernel: Values, out: Path, shown: ShownAs | None) -> str:
    """Write numbers as they are, or as pixels; what was written, in a sentence."""
    from handloom.data.images.photo import save_pixels

    rows, columns = values.shape[1:]
    if out.suffix.lower() in NUMBERS:
        write_values(values, out)
        low, high = float(values.min()), float(values.max())
        return f"{out}: {rows}x{columns} numbers from {low:.4g} to {high:.4g}"
    made = visible(values, shown or choose(values, kernel))
    save_pixels(made.pixels, out)
    return f"{out}: {rows}x{columns}, {made.note}"
