"""What a learned filter ships: an image in, and the filtered image out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.errors import UserError
from handloom.jobs.filter.pair import read_pair
from handloom.jobs.filter.verbs import config_of
from handloom.jobs.program import BATCH, SIZES, Port, Program, without_data

if TYPE_CHECKING:
    from handloom.jobs.filter.records import Record
    from handloom.jobs.loading import Loaded
    from handloom.models.image.linear_filter import LinearFilter

HEIGHT, WIDTH, COLOURS = "height", "width", "channels"  # free sizes
PATCHES = ((16, 24, 3), (31, 17, 1), (24, 32, 3))  # rows, columns, colours of what it is checked on
TURNS = 3  # times that all of them are
USAGE = """\
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("FILE")
image = ImageOps.exif_transpose(Image.open("image.png")).convert("{mode}")
values = np.asarray(image, np.float32).reshape(1, image.height, image.width, -1) / 255
(filtered,) = session.run(None, {{"image": values}})
pixels = (filtered[0].clip(0, 1) * 255).round().astype(np.uint8)
Image.fromarray(pixels.squeeze()).save("filtered.png")
"""


class FilteredImage(nn.Module):
    """Image (B, H, W, C) to the filtered one (B, H, W, O), with edge pixels repeated around it.

    A kernel of one channel goes over each colour by itself.
    """

    def __init__(self, network: LinearFilter) -> None:
        super().__init__()
        self.network = network
        outputs, inputs, height, width = network.kernel.shape
        self.is_alone = inputs == outputs == 1
        top, left = (height - 1) // 2, (width - 1) // 2
        self.around = (left, width - 1 - left, top, height - 1 - top)

    def forward(self, image: Tensor) -> Tensor:
        planes = image.permute(0, 3, 1, 2)  # (B, C, H, W)
        batch, channels, height, width = planes.shape
        if self.is_alone:
            planes = planes.reshape(batch * channels, 1, height, width)
        made: Tensor = self.network(F.pad(planes, self.around, "replicate"))
        if self.is_alone:
            made = made.reshape(batch, channels, height, width)
        return made.permute(0, 2, 3, 1)


def export(run: Loaded[Record]) -> list[Program]:
    """The filter, for images of any size."""
    network = cast("LinearFilter", run.networks["filter"])
    module = FilteredImage(network)
    outputs, inputs = network.kernel.shape[:2]
    ways = (COLOURS, COLOURS) if module.is_alone else (inputs, outputs)
    checks, about = _checks(run, None if module.is_alone else inputs)
    bias = None if network.bias is None else network.bias.tolist()
    return [
        Program(
            "filter",
            "image-to-image",
            module,
            (Port("image", "float32", (BATCH, HEIGHT, WIDTH, ways[0]),
                  "numbers; of an image file its pixels / 255"),),
            (Port("filtered", "float32", (BATCH, HEIGHT, WIDTH, ways[1]), "of any range"),),
            checks,
            about,
            USAGE.format(mode="L" if inputs == 1 and outputs > 1 else "RGB"),
            {
                "kernel": network.kernel.tolist(),
                "bias": bias,
                "border": "replicate",
                "in_graph": ["edge pixels are repeated, so that the size stays", "the kernel"],
            },
        )
    ]  # fmt: skip


def _checks(
    run: Loaded[Record], channels: int | None
) -> tuple[tuple[tuple[Tensor, ...], ...], str]:
    """Patches of the run's own image, which begins again where it ends. channels: as many as the
    kernel takes; None: any."""
    try:
        image = torch.from_numpy(read_pair(run.data, config_of(run).target).before.values)
        about = "patches of its own image"
    except UserError as error:
        image = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(0))
        about = f"noise, {without_data(error)}"
    image = image.permute(1, 2, 0)  # (H, W, C)
    batches = []
    for turn in range(TURNS):
        for size, (height, width, colours) in zip(SIZES, PATCHES, strict=True):
            shape = (height, width, channels or colours)
            starts = range(turn * size, (turn + 1) * size)
            batches.append((torch.stack([_patch(image, start, shape) for start in starts]),))
    return tuple(batches), about


def _patch(image: Tensor, start: int, shape: tuple[int, int, int]) -> Tensor:
    """Of image (H, W, C), the larger `start` the further down and to the right."""
    for axis, (size, step) in enumerate(zip(shape, (7, 5, 0), strict=True)):
        places = (torch.arange(size) + step * start) % image.shape[axis]
        image = image.index_select(axis, places)
    return image
