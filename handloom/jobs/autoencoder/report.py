"""The report of an autoencoder."""

from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded

ABOUT = About(
    "Mean over images of the sum of squared errors of the pixels in [-1, 1].",
    "Rows alternate: images not used for training, and their reconstructions.",
)


def report(run: Loaded) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT)
