"""Kernels: by name, written out, from a file or from a run that has learned one."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handloom.data.images.values import Values, numbers, read_values
from handloom.errors import UserError
from handloom.wording import suggestion

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.image.linear_filter import LinearFilter

NAMED = {
    "identity": "0,0,0; 0,1,0; 0,0,0",
    "blur": "1/9,1/9,1/9; 1/9,1/9,1/9; 1/9,1/9,1/9",
    "gaussian": "1/16,2/16,1/16; 2/16,4/16,2/16; 1/16,2/16,1/16",
    "sharpen": "0,-1,0; -1,5,-1; 0,-1,0",
    "sobel-x": "-1,0,1; -2,0,2; -1,0,1",
    "sobel-y": "-1,-2,-1; 0,0,0; 1,2,1",
    "prewitt-x": "-1,0,1; -1,0,1; -1,0,1",
    "prewitt-y": "-1,-1,-1; 0,0,0; 1,1,1",
    "laplacian": "0,1,0; 1,-4,1; 0,1,0",
    "emboss": "-2,-1,0; -1,1,1; 0,1,2",
}
"""Rows from top to bottom. blur is the mean; sobel-x answers to an edge that is brighter right."""

HOW = "rows of numbers, as in '-1,0,1;-2,0,2;-1,0,1', a name, a .npy or .csv file, or a run"


def find_kernel(text: str) -> LinearFilter:
    """The filter that is named, written out, in a file, or that a run of the job filter learned.

    Raises UserError for what is none of these, ragged or not finite.
    """
    if not text.strip():
        raise UserError(f"the kernel is empty: give {HOW}")
    if text in NAMED:
        return of_weights(written(NAMED[text]))
    if (Path(text) / "config.json").is_file():
        return _learned(Path(text))
    if Path(text).suffix.lower() in (".npy", ".csv"):
        return _of_file(Path(text).expanduser())
    if re.match(r"[a-z]", text, re.IGNORECASE) and not re.match(r"(nan|inf)\b", text, re.I):
        raise UserError(f"there is no kernel '{text}': {suggestion(text, list(NAMED))}")
    return of_weights(written(text))


def written(text: str) -> Tensor:
    """Numbers with commas, rows with semicolons -> (1, 1, h, w)."""
    import torch

    rows = [row.split(",") for row in text.strip().rstrip(";").split(";")]
    return torch.tensor(
        [[[numbers(row, f"kernel '{text}', row {i}", len(rows[0]))
           for i, row in enumerate(rows, 1)]]]
    )  # fmt: skip


def of_weights(kernel: Tensor) -> LinearFilter:
    """A filter with this kernel (O, I, h, w), without a constant."""
    import torch

    from handloom.models.image.linear_filter import LinearFilter

    outputs, inputs, height, width = kernel.shape
    network = LinearFilter(inputs, outputs, height, width)
    with torch.no_grad():
        network.kernel.copy_(kernel)
    return network


def numbers_of(network: LinearFilter) -> Values:
    """The kernel of a filter as NumPy has it, (O, I, h, w)."""
    kernel: Values = network.kernel.detach().cpu().numpy()
    return kernel


def as_text(kernel: Values) -> str:
    """A kernel (O, I, h, w) as it is typed, to four digits of its largest number; those of several
    channels one after the other, in brackets."""
    largest = max(float(np.abs(kernel).max()), 1e-30)
    digits = 3 - math.floor(math.log10(largest))
    planes = [
        "; ".join(", ".join(f"{round(value, digits) + 0:.4g}" for value in row) for row in plane)
        for plane in kernel.reshape(-1, *kernel.shape[2:]).tolist()
    ]
    return planes[0] if len(planes) == 1 else " ".join(f"[{plane}]" for plane in planes)


def _of_file(path: Path) -> LinearFilter:
    table = read_values(path)
    if table.is_image or len(table.values) != 1:
        raise UserError(f"'{path}' must be an array (h, w) of numbers, and not of 8-bit pixels")
    import torch

    return of_weights(torch.from_numpy(table.values)[None])


def _learned(path: Path) -> LinearFilter:
    from handloom.jobs.loading import load
    from handloom.models.image.linear_filter import LinearFilter

    network = load(path, "cpu").networks.get("filter")
    if not isinstance(network, LinearFilter):
        raise UserError(f"{path} has learned no filter: give a run of the job filter")
    return network
