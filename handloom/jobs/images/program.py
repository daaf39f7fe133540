"""What the image jobs share of the networks they ship: pixels in, and images to check them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from handloom.errors import UserError
from handloom.jobs.images.data import own_data
from handloom.jobs.program import BATCH, CHECKED, Port, Program, batches, spread, without_data
from handloom.models.image.features import Features
from handloom.models.layers.normalize import Normalize

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing
    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.loading import Loaded

SMOOTH = 8  # cells a side of the images that stand in for real ones


def image_of(pixels: Tensor) -> Tensor:
    """uint8 (B, H, W, C) to float32 (B, C, H, W) in [0, 1]."""
    return pixels.permute(0, 3, 1, 2).contiguous().float() / 255


def pixels_of(image: Tensor) -> Tensor:
    """(B, C, H, W) in [0, 1] to uint8 (B, H, W, C), rounded."""
    return (image.float().clamp(0, 1) * 255).round().permute(0, 2, 3, 1).to(torch.uint8)


class ProbabilitiesOfPixels(nn.Module):
    """uint8 (B, H, W, C) to probabilities (B, K): softmax(logits / temperature)."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.network(image_of(pixels))
        return (logits.float() / self.temperature).softmax(1)


class VectorsOfPixels(nn.Module):
    """uint8 (B, H, W, C) to features (B, D) of length 1, as search compares them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.network(image_of(pixels))
        return nn.functional.normalize(features.float(), dim=1)


def pixels_port(preprocessing: Preprocessing) -> Port:
    """The input of a network that sees images."""
    height, width = preprocessing["size"]
    channels = preprocessing["channels"]
    colours = "grey" if channels == 1 else "red, green, blue"
    return Port("pixels", "uint8", (BATCH, height, width, channels), f"images, {colours}, 0 to 255")


def image_known(preprocessing: Preprocessing, network: nn.Module) -> dict[str, Any]:
    """How an image is prepared: what is done before the graph, and what is done in it.

    config.json leaves out what is usual; other programs know no defaults of ours.
    """
    whole = {"crop": 1.0, "interpolation": "bilinear", **preprocessing}
    layer = next((part for part in network.modules() if isinstance(part, Normalize)), None)
    known: dict[str, Any] = {"preprocessing": whole, "in_graph": ["pixels / 255"]}
    if layer is not None:
        mean, std = (values.flatten().tolist() for values in (layer.mean, layer.std))
        known["normalization"] = {"mean": mean, "std": std}
        known["in_graph"].append("(image - mean) / std")
    return known


def classifying(preprocessing: Preprocessing) -> str:
    """Python that names an image, with ONNX Runtime alone."""
    return _opening(preprocessing) + (
        '(probabilities,) = session.run(None, {"pixels": pixels})\n'
        "best = probabilities[0].argmax()\n"
        'print(known["classes"][best], probabilities[0, best])\n'
    )


def encoding(preprocessing: Preprocessing, output: str, is_conditional: bool = False) -> str:
    """Python that encodes an image, with ONNX Runtime alone. output: the name of the vector."""
    given = '"pixels": pixels' + (', "label": np.array([0])' if is_conditional else "")
    return _opening(preprocessing) + (
        f'({output},) = session.run(["{output}"], {{{given}}})\nprint({output}[0])\n'
    )


def _opening(preprocessing: Preprocessing) -> str:
    height, width = preprocessing["size"]
    channels = preprocessing["channels"]
    return (
        "import json\n\n"
        "import numpy as np\n"
        "import onnxruntime\n"
        "from PIL import Image, ImageOps\n\n"
        'session = onnxruntime.InferenceSession("FILE")\n'
        'known = json.loads(session.get_modelmeta().custom_metadata_map["handloom"])\n'
        'image = ImageOps.exif_transpose(Image.open("image.png"))'
        f'.convert("{"L" if channels == 1 else "RGB"}")\n'
        f"image = {_fitting(preprocessing)}\n"
        f"pixels = np.asarray(image).reshape(1, {height}, {width}, {channels})\n"
    )


def _fitting(preprocessing: Preprocessing) -> str:
    """The call of Pillow that brings an image to the size, as `data.images.fit` does."""
    height, width = preprocessing["size"]
    crop = preprocessing.get("crop", 1.0)
    kind = f"Image.Resampling.{preprocessing.get('interpolation', 'bilinear').upper()}"
    if preprocessing["fit"] == "pad":
        color = preprocessing.get("background", "white")
        return f'ImageOps.pad(image, ({width}, {height}), {kind}, color="{color}")'
    if preprocessing["fit"] == "stretch":
        return f"image.resize(({width}, {height}), {kind})"
    bleed = "" if crop == 1 else f", bleed={(1 - crop) / 2:.6g}"
    return f"ImageOps.fit(image, ({width}, {height}), {kind}{bleed})"


def encoder_program(
    network: nn.Module,
    preprocessing: Preprocessing,
    image: Tensor,
    about: str,
    is_asked: bool = False,
) -> Program:
    """The features of a network as vectors of length 1, as `embed` and `index` make them.

    image: to check it on, uint8 (N, H, W, C); about: what that is. is_asked: as of `Program`.
    """
    vectors, known = VectorsOfPixels(Features(network)), image_known(preprocessing, network)
    with torch.no_grad():
        width = vectors(image[:1]).shape[1]
    return Program(
        "encoder",
        "image-feature-extraction",
        vectors,
        (pixels_port(preprocessing),),
        (Port("vector", "float32", (BATCH, width), "of length 1: compare by products"),),
        batches(image),
        about,
        encoding(preprocessing, "vector"),
        known | {"in_graph": [*known["in_graph"], "vectors are scaled to length 1"]},
        is_asked=is_asked,
    )


def check_images(run: Loaded[ImageRecord]) -> tuple[Tensor, Tensor | None, str]:
    """CHECKED images uint8 (N, H, W, C), their classes int64 (N,) where known, and what they are.

    They are of the run's own data, of what it has not seen where it was kept apart; else what
    stands in for images.
    """
    try:
        data = own_data(run)
    except UserError as error:
        return stand_ins(run.config["preprocessing"]), None, f"noise, {without_data(error)}"
    split = data.held_out or "train"
    images = data.splits[split].subset(torch.tensor(spread(len(data.splits[split]))))
    return images.image, images.label, f"images of its {split} split"


def stand_ins(preprocessing: Preprocessing) -> Tensor:
    """Smooth noise, uint8 (CHECKED, H, W, C), the same every time."""
    shape = (CHECKED, preprocessing["channels"], SMOOTH, SMOOTH)
    cells = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    image = nn.functional.interpolate(cells, tuple(preprocessing["size"]), mode="bilinear")
    return pixels_of(image)
