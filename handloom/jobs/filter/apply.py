"""`handloom filter`: a kernel that is known, over one image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from handloom.data.images.values import NUMBERS, read_values, write_values
from handloom.errors import UserError
from handloom.jobs.filter.display import ShownAs, choose, visible
from handloom.jobs.filter.kernels import as_text, find_kernel

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.image.linear_filter import LinearFilter

Border = Literal["replicate", "reflect", "zeros", "none"]
MODES = {"replicate": "replicate", "reflect": "reflect", "zeros": "constant"}


class Filtered(NamedTuple):
    """values: float32 (C, H, W), of any range. notes: sentences on what was read and written."""

    values: Tensor
    notes: tuple[str, ...]


def check_result(out: Path) -> None:
    """Refuse, before any work, a place that neither an image nor numbers can be written to."""
    if out.suffix.lower() not in NUMBERS:
        from handloom.data.images.photo import check_writable

        check_writable(out)
    elif not out.absolute().parent.is_dir():
        raise UserError(f"the folder of '{out}' does not exist: make it, or choose another --out")


def filter(
    image: str | Path,
    kernel: str | Path,
    out: str | Path | None = None,
    *,
    border: Border = "replicate",
    flip: bool = False,
    shown: ShownAs | None = None,
) -> Filtered:
    """Slide a kernel over an image; write the result to `out`, an image, a .npy or a .csv.

    kernel: a name such as "sobel-x", rows such as "-1,0,1;-2,0,2;-1,0,1", a file, or a run that has
    learned one; not flipped, as in every network, unless `flip` asks for the convolution of
    mathematics. border: what lies beyond the image; none: nothing, and the result is smaller by
    the kernel less one. shown: how numbers become pixels, chosen where it is None.

    Raises UserError with one sentence for whatever an image or a kernel is to blame for.
    """
    out = None if out is None else Path(out).expanduser()
    if out is not None:
        check_result(out)
        if out.resolve() == Path(image).expanduser().resolve():
            raise UserError(f"--out {out} is the image itself: name another file")
    network, given = find_kernel(str(kernel)), read_values(Path(image).expanduser())
    if flip:
        network.kernel.data = network.kernel.data.flip(2, 3)
    values = _applied(network, given.values, border)
    notes = (*given.notes, f"kernel {as_text(network.kernel.detach())}")
    if out is None:
        return Filtered(values, notes)
    return Filtered(values, (*notes, _written(values, network, out, shown)))


def _applied(network: LinearFilter, values: Tensor, border: Border) -> Tensor:
    from torch.nn import functional as F

    outputs, inputs, height, width = network.kernel.shape
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
    # A kernel of one channel filters each colour by itself; another one mixes them.
    planes = values[:, None] if inputs == outputs == 1 else values[None]
    if border != "none":
        top, left = (height - 1) // 2, (width - 1) // 2  # where torch's padding="same" puts it
        around = (left, width - 1 - left, top, height - 1 - top)
        planes = F.pad(planes, around, MODES[border])
    return network(planes).detach().flatten(0, 1)  # type: ignore[no-any-return]


def _written(values: Tensor, network: LinearFilter, out: Path, shown: ShownAs | None) -> str:
    """Write numbers as they are, or as pixels; what was written, in a sentence."""
    from handloom.data.images.photo import save_pixels

    rows, columns = values.shape[1:]
    if out.suffix.lower() in NUMBERS:
        write_values(values, out)
        low, high = float(values.min()), float(values.max())
        return f"{out}: {rows}x{columns} numbers from {low:.4g} to {high:.4g}"
    made = visible(values, shown or choose(values, network.kernel))
    save_pixels(made.pixels, out)
    return f"{out}: {rows}x{columns}, {made.note}"
