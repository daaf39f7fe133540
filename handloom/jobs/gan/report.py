"""The report of a GAN."""

from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded

ABOUT = About(
    "The losses of both networks, the mean output of the discriminator, and the distances between "
    "generated and real images, for which smaller is better.",
    "All frames are generated from the same latents.",
    has_health=True,
)


def report(run: Loaded) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT)
