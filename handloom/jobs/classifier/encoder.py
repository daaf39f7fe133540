"""A classifier as an encoder of images: what its last layer sees."""

from handloom.encoders import Encoder
from handloom.jobs.classifier.records import Record
from handloom.jobs.images.encoding import run_encoder
from handloom.jobs.loading import Loaded
from handloom.models.image.features import Features


def encoder(run: Loaded[Record]) -> Encoder:
    """The features of a run's network."""
    return run_encoder(run, Features(run.networks["network"]))
