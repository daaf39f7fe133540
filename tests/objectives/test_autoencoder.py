"""The autoencoder's loss beside the tutorial's, its gradients, and what it follows."""

import torch
from torch import nn
from torch.nn import functional as F

from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
from handloom.models.generative.prior import Prior
from handloom.objectives.autoencoder import Autoencoder
from handloom.objectives.squares import squared_error
from tests.models.generative.test_autoencoders import image, tutorial_dense, weights_of


def autoencoder(latent_dim: int = 3, size: tuple[int, int, int] = (28, 28, 1)) -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(
        DenseEncoder(size, latent_dim),
        DenseDecoder(size, latent_dim),
        Prior(latent_dim, "fitted"),
    )


def test_loss_and_gradients_are_the_listings() -> None:
    """nn.Sequential, mse_loss(reduction="sum") / B in [-1, 1], with the same weights."""
    objective = autoencoder()
    encoder, decoder = tutorial_dense()
    for source, target in ((encoder, objective.encoder), (decoder, objective.decoder)):
        weights_of(source, target)
    given = image(28, 28, 1, count=16)
    x = (2 * given - 1).flatten(1)
    wanted = F.mse_loss(nn.Sequential(encoder, decoder)(x), x, reduction="sum") / 16
    wanted.backward()
    loss, _ = objective.loss({"image": given})
    loss.backward()
    assert torch.allclose(loss, wanted, rtol=1e-5)
    theirs = [*encoder.parameters(), *decoder.parameters()]
    for mine, other in zip(objective.phases()[0].parameters, theirs, strict=True):
        assert torch.allclose(mine.grad, other.grad, rtol=1e-3, atol=1e-5)


def test_squared_error_has_the_gradient_of_its_formula() -> None:
    torch.manual_seed(0)
    logits = torch.randn(4, 3, 5, 6, dtype=torch.float64).float().requires_grad_()
    given = torch.rand(4, 5, 6, 3).permute(0, 3, 1, 2)
    weight = torch.tensor([1.0, 2.0, -1.0, 0.5])
    found = squared_error(logits, given)
    wanted = (((torch.tanh(logits) + 1) / 2 - given) ** 2).flatten(1).sum(1)
    assert torch.allclose(found, wanted, rtol=1e-5)
    for one, other in zip(
        torch.autograd.grad((weight * found).sum(), logits),
        torch.autograd.grad((weight * wanted).sum(), logits),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-5)


def test_metrics_are_the_mean_over_the_set() -> None:
    objective = autoencoder().eval()
    given = image(28, 28, 1, count=6)
    outputs = objective.outputs({"image": given})
    assert outputs["squares"].shape == (6,)
    away = 2 * objective.decoder.generate(objective.encoder(given)) - 2 * given
    wanted = away.square().flatten(1).sum(1).mean()
    assert torch.allclose(objective.metrics(outputs)["loss"], wanted, rtol=1e-4)


def test_the_prior_follows_the_codes_and_is_not_trained() -> None:
    objective = autoencoder()
    before = objective.prior.mean.clone()
    objective.loss({"image": image(28, 28, 1)})
    assert not torch.equal(objective.prior.mean, before)
    names = {id(p) for p in objective.phases()[0].parameters}
    assert names == {id(p) for p in objective.parameters()}
