"""What a classifier ships: the classifier, and the encoder inside it where that is asked for."""

import torch

from handloom.jobs.classifier.records import Record
from handloom.jobs.images.program import (
    ProbabilitiesOfPixels,
    VectorsOfPixels,
    check_images,
    classifying,
    encoding,
    image_known,
    pixels_port,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, Port, Program, batches
from handloom.models.image.features import Features

READING = ("image_column", "label_column", "unclear_labels")  # options of the training


def export(run: Loaded[Record]) -> list[Program]:
    """The classifier with its temperature, and its features as an encoder."""
    network, preprocessing = run.networks["network"], run.config["preprocessing"]
    temperature, classes = run.config.get("temperature", 1.0), run.config["classes"]
    image, _, about = check_images(run)
    known = image_known(preprocessing, network)
    reading = {name: run.config["options"].get(name) for name in READING}
    own = {"classes": classes, "temperature": run.config.get("temperature"), "reading": reading}
    features = VectorsOfPixels(Features(network))
    with torch.no_grad():
        width = features(image[:1]).shape[1]
    pixels = pixels_port(preprocessing)
    return [
        Program(
            "classifier",
            "image-classification",
            ProbabilitiesOfPixels(network, temperature),
            (pixels,),
            (Port("probabilities", "float32", (BATCH, len(classes)), "of every class"),),
            batches(image),
            about,
            classifying(preprocessing),
            known | own | {"in_graph": [*known["in_graph"], "softmax(logits / temperature)"]},
        ),
        Program(
            "encoder",
            "image-feature-extraction",
            features,
            (pixels,),
            (Port("vector", "float32", (BATCH, width), "of length 1: compare by products"),),
            batches(image),
            about,
            encoding(preprocessing, "vector"),
            known | {"in_graph": [*known["in_graph"], "vectors are scaled to length 1"]},
            is_asked=True,
        ),
    ]
