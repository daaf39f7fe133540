"""The report of a GAN."""

from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded
from handloom.jobs.training.stage import Record
from handloom.wording import pluralize


def goodness(evaluation: Record) -> str:
    """How good a GAN is, in a sentence, with what is wrong with it."""
    sentence = (
        f"Its images are {evaluation['kernel_distance']:.3g} from real ones (kernel distance; 0 is "
        f"best) and differ from each other {100 * evaluation['diversity']:.0f} % as much"
    )
    first, more = evaluation["warnings"][:1], len(evaluation["warnings"]) - 1
    rest = [f"{pluralize(more, 'more warning')} below"] if more > 0 else []
    return f"{'; '.join([sentence, *first, *rest])}."


ABOUT = About(
    "A GAN",
    goodness,
    "The losses of both networks, the mean output of the discriminator, and the distances between "
    "generated and real images, for which smaller is better.",
    "All frames are generated from the same latents.",
    has_health=True,
)


def report(run: Loaded) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT)
