"""An encoder of timm or torchvision as a program."""

from __future__ import annotations

from pathlib import Path

import torch

from handloom.encoders import Encoder, find
from handloom.jobs.images.program import (
    VectorsOfPixels,
    encoding,
    image_known,
    pixels_port,
    stand_ins,
)
from handloom.jobs.program import BATCH, Port, Program, batches


def encoder_program(spec: str, weights: Path | None) -> tuple[Encoder, Program]:
    """The encoder of a name, and what it ships. Raises UserError as `encoders.find` does."""
    encoder = find(spec, weights, torch.device("cpu"), "float32")
    preprocessing = encoder.preprocessing
    known = image_known(preprocessing, encoder.network)
    return encoder, Program(
        "encoder",
        "image-feature-extraction",
        VectorsOfPixels(encoder.network),
        (pixels_port(preprocessing),),
        (Port("vector", "float32", (BATCH, encoder.width), "of length 1: compare by products"),),
        batches(stand_ins(preprocessing)),
        "noise, since an encoder has no data of its own",
        encoding(preprocessing, "vector"),
        known | {"in_graph": [*known["in_graph"], "vectors are scaled to length 1"]},
    )
