"""The report of a variational autoencoder."""

from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded

ABOUT = About(
    "In nats per image. The loss is the reconstruction term, -log p(x | z), plus the KL divergence "
    "of the posterior from the prior. It is an upper bound on -log p(x).",
    "Rows alternate: images not used for training, and their reconstructions. New images are at "
    "the bottom.",
)


def report(run: Loaded) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT)
