"""The loss of a VAE is a mean over many samples of a latent, and says how sure it is."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import handloom
from handloom.data.images.load import load
from handloom.jobs.images.evaluation_data import EvaluationData
from handloom.jobs.vae import verbs
from handloom.jobs.vae.bounds import bits, bounds, terms
from handloom.objectives.vae import divergence

GOLDEN = Path(__file__).parents[2] / "golden" / "vae"


@pytest.fixture(scope="module")
def run() -> Any:
    """A VAE of the digits, with a Gaussian likelihood."""
    return handloom.open(GOLDEN).loaded


@pytest.fixture(scope="module")
def images() -> Any:
    return load("digits").test


def loss(run: Any, images: Any, k: int, seed: int) -> Tensor:
    found = bounds(run, images, k, seed)
    return (found.reconstruction + divergence(found.mean, found.log_variance)).mean()


def test_the_loss_is_that_of_other_samples_too(run: Any, images: Any) -> None:
    """One sample differs ten times as much from seed to seed as a hundred do."""
    one, many = (torch.stack([loss(run, images, k, i) for i in range(8)]) for k in (1, 100))
    assert many.std() < 0.25 * one.std()
    used = EvaluationData("digits", "test", images, None)
    found = verbs._evaluated(run, used)
    assert found["samples"] == found["importance_samples"] == 10
    assert found["loss"] == pytest.approx(many.mean().item(), abs=4 * one.std().item() / 10**0.5)
    assert found["loss"] == pytest.approx(found["reconstruction"] + found["kl"], abs=1e-3)


def test_standard_errors_are_those_of_the_images(run: Any, images: Any) -> None:
    found = terms(run, images, 10)
    each = found.reconstruction + found.kl
    used = EvaluationData("digits", "test", images, None)
    evaluation = verbs._evaluated(run, used)
    wanted = each.std().item() / len(images) ** 0.5
    assert evaluation["loss_standard_error"] == pytest.approx(wanted, rel=1e-3)
    assert f"test: {evaluation['loss']:.2f} ± {wanted:.2f} nats" in verbs.describe(evaluation)[0]
    alone = EvaluationData("digits", "test", images.subset(torch.tensor([3])), None)
    assert "±" not in " ".join(verbs.describe(verbs._evaluated(run, alone)))


def test_bits_of_intensities_that_count_in_part_are_none(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cross-entropy with grey pixels is not the probability of an image."""
    assert bits(run, 0.0) == pytest.approx(7.994, abs=1e-3)
    monkeypatch.setitem(run.config, "likelihood", "bernoulli")
    assert bits(run, 10.0) is None
