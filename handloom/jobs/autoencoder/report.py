"""The report of an autoencoder."""

from handloom.jobs.autoencoder.records import Evaluation
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded
from handloom.wording import pluralize


def goodness(evaluation: Evaluation) -> str:
    """How good an autoencoder is, in a sentence."""
    pca = ""
    if "pca" in evaluation:
        pca = (
            f"; {pluralize(evaluation['latent_dim'], 'principal component')}, the best linear way, "
            f"leave {evaluation['pca']:.2f}"
        )
    return (
        f"On {evaluation['images']:,} unseen {evaluation['split']} images its squared error is "
        f"{evaluation['loss']:.2f} per image, a root mean square of "
        f"{100 * evaluation['error']:.1f} % of a pixel's range{pca}."
    )


ABOUT = About(
    "An autoencoder",
    goodness,
    "Mean over images of the sum of squared errors of the pixels in [-1, 1].",
    "Rows alternate: images not used for training, and their reconstructions.",
)


def report(run: Loaded[GenerationRecord]) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT, run.evaluation(Evaluation))
