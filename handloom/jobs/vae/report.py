"""The report of a variational autoencoder."""

from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded
from handloom.jobs.vae.records import Evaluation, Record
from handloom.jobs.vae.verbs import bound_of, loss_of
from handloom.wording import pluralize


def goodness(evaluation: Evaluation) -> str:
    """How good a variational autoencoder is, in a sentence."""
    samples = pluralize(evaluation["importance_samples"], "sample")
    return (
        f"An unseen image costs it at most {bound_of(evaluation)} "
        f"(importance-weighted bound on {evaluation['bound_images']:,} {evaluation['split']} "
        f"images, {samples} of each; {loss_of(evaluation)} by the plain one, of which "
        f"{evaluation['kl']:.2f} for the latent). It uses {evaluation['active']} of "
        f"{pluralize(evaluation['latent_dim'], 'latent dimension')}."
    )


ABOUT = About(
    "A variational autoencoder",
    goodness,
    "In nats per image. The loss is the reconstruction term, -log p(x | z), plus the KL divergence "
    "of the posterior from the prior. It is an upper bound on -log p(x), which is below 0 where "
    "the density of a Gaussian likelihood is above 1.",
    "Rows alternate: images not used for training, and their reconstructions. New images are at "
    "the bottom.",
)


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML."""
    return page(run, ABOUT, run.evaluation(Evaluation))
