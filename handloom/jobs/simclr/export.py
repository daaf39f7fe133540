"""What a SimCLR run ships: its encoder, without the projection."""

import torch

from handloom.jobs.images.program import (
    VectorsOfPixels,
    check_images,
    encoding,
    image_known,
    pixels_port,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, Port, Program, batches
from handloom.jobs.simclr.records import Record
from handloom.models.image.features import Features


def export(run: Loaded[Record]) -> list[Program]:
    """Images to vectors of length 1, as `embed` and `index` make them."""
    network, preprocessing = run.networks["network"], run.config["preprocessing"]
    image, _, about = check_images(run)
    vectors = VectorsOfPixels(Features(network))
    with torch.no_grad():
        width = vectors(image[:1]).shape[1]
    known = image_known(preprocessing, network)
    return [
        Program(
            "encoder",
            "image-feature-extraction",
            vectors,
            (pixels_port(preprocessing),),
            (Port("vector", "float32", (BATCH, width), "of length 1: compare by products"),),
            batches(image),
            about,
            encoding(preprocessing, "vector"),
            known | {"in_graph": [*known["in_graph"], "vectors are scaled to length 1"]},
        )
    ]
