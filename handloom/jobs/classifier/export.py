"""What a classifier ships: the classifier, and the encoder inside it where that is asked for."""

from torch import Tensor, nn

from handloom.jobs.classifier.logits import network_for_answers
from handloom.jobs.classifier.records import Record
from handloom.jobs.images.program import (
    ProbabilitiesOfPixels,
    check_images,
    classifying,
    encoder_program,
    image_known,
    pixels_port,
    stand_ins,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, Port, Program, batches

FEW_CHECKED = 10  # images, in batches of 1, 2 and 7: a user waits for it
READING = ("image_column", "label_column", "unclear_labels")  # options of the training


def export(run: Loaded[Record]) -> list[Program]:
    """The classifier with its temperature, and its features as an encoder."""
    image, _, about = check_images(run)
    network, preprocessing = run.networks["network"], run.config["preprocessing"]
    return [
        _classifier(run, network, image, about),
        encoder_program(network, preprocessing, image, about, is_asked=True),
    ]


def answering(run: Loaded[Record]) -> Program:
    """The classifier with the network that answers, checked on noise."""
    image = stand_ins(run.config["preprocessing"])[:FEW_CHECKED]
    return _classifier(run, network_for_answers(run), image, "noise")


def _classifier(run: Loaded[Record], network: nn.Module, image: Tensor, about: str) -> Program:
    """image: to check it on, uint8 (N, H, W, C); about: what that is."""
    preprocessing = run.config["preprocessing"]
    temperature, classes = run.config.get("temperature"), run.config["classes"]
    known = image_known(preprocessing, network)
    reading = {name: run.recorded[name] for name in READING}
    own = {"classes": classes, "temperature": temperature, "reading": reading}
    return Program(
        "classifier",
        "image-classification",
        ProbabilitiesOfPixels(network, temperature or 1.0),
        (pixels_port(preprocessing),),
        (Port("probabilities", "float32", (BATCH, len(classes)), "of every class"),),
        batches(image),
        about,
        classifying(preprocessing),
        known | own | {"in_graph": [*known["in_graph"], "softmax(logits / temperature)"]},
    )
