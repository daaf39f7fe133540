"""`--network auto`: a pretrained encoder for photos, a network from scratch for the rest."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from handloom.jobs.classifier.defaults import SMALLEST, weights_of
from handloom.jobs.images.data import reading_of
from handloom.jobs.pages import duration
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.survey import Survey
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder
    from handloom.jobs.classifier.config import Config

ENCODER = "timm:tf_efficientnet_lite0"
TIMED = 8  # images in a batch


def choose_network(
    config: Config, data: str, report: ReportProgress
) -> tuple[str, tuple[str, ...]]:
    """The network for a set of images, and sentences to show.

    EfficientNet-Lite0 has 4.65 million parameters and 0.4 billion multiply-adds an image;
    docs/benchmarks/encoders.md has what was compared. Without its weights the network is trained
    from scratch. Raises UserError for weights that are named and cannot be used.
    """
    from handloom.data.images.survey import survey
    from handloom.encoders import WeightsAbsent, find
    from handloom.engine.precision import pick_device

    if config.size is not None and config.weights is None:
        return "resnet", ()  # encoders have a size of their own
    seen = survey(data, reading_of(vars(config)))
    if config.weights is None and (seen.side < SMALLEST or seen.is_grey):
        return "resnet", ()
    try:
        encoder = find(
            ENCODER, weights_of(config), pick_device(config.device), config.precision, report
        )
    except WeightsAbsent as error:
        return "resnet", (
            f"{error}; until then a small network is trained from scratch, which on photos is "
            "right far less often (49 to 55 % instead of 85 % on 400 photos of 10 classes)",
        )
    return ENCODER, (_reason(seen, encoder),)


def _reason(seen: Survey, encoder: Encoder) -> str:
    seconds = _seconds(encoder, seen.images)
    time = f"about {duration(seconds)}" if seconds >= 1 else duration(seconds)
    return (
        f"photos, {seen.side:.0f} pixels across: {encoder.spec}, which was trained on ImageNet, "
        f"reads each once ({pluralize(seen.images, 'image')}: {time}); --network resnet trains "
        "from scratch"
    )


def _seconds(encoder: Encoder, images: int) -> float:
    """To encode so many, by the second of two small batches."""
    import torch

    from handloom.encoders.compiling import speed_up

    pixels = torch.zeros(TIMED, 3, *encoder.preprocessing["size"]).to(encoder.precision.device)
    for _ in range(2):
        began = perf_counter()
        with torch.no_grad(), encoder.precision.autocast():
            encoder.folded(pixels).cpu()
    return images * (perf_counter() - began) / TIMED / speed_up(encoder, images)
