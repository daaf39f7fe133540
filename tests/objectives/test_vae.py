"""The VAE's terms beside the tutorial's and torch's distributions; likelihoods; latents in use."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
from handloom.models.generative.prior import Prior
from handloom.objectives.likelihood import Bernoulli, Gaussian
from handloom.objectives.vae import VAE, divergence
from tests.models.generative.test_autoencoders import image

SIZE = (28, 28, 1)


def vae(likelihood: nn.Module, binarize: str = "none", hidden: int = 400) -> VAE:
    torch.manual_seed(0)
    encoder = DenseEncoder(SIZE, 20, (hidden,), variational=True)
    decoder = DenseDecoder(SIZE, 20, (hidden,))
    return VAE(encoder, decoder, Prior(20), likelihood, binarize)  # type: ignore[arg-type]


def test_loss_and_gradients_are_the_listings() -> None:
    """784-400-20 with sum of squares + KL over the batch size, the same noise and weights."""
    objective = vae(Gaussian(torch.tensor(0.125), fixed=True))
    first, both = objective.encoder.stack.layers
    third, fourth = objective.decoder.stack.layers
    given = image(*SIZE, count=16)
    torch.manual_seed(5)
    loss, logs = objective.loss({"image": given})
    mine = torch.autograd.grad(loss, objective.phases()[0].parameters)
    torch.manual_seed(5)
    x = (2 * given - 1).flatten(1)
    mu, lv = both(F.relu(first(x))).chunk(2, 1)
    latent = mu + torch.randn_like(mu) * (0.5 * lv).exp()
    reconstruction = torch.tanh(fourth(F.relu(third(latent))))
    squares = F.mse_loss(reconstruction, x, reduction="sum")
    kl = -0.5 * (1 + lv - mu**2 - lv.exp()).sum()
    wanted = (squares + kl) / 16
    theirs = torch.autograd.grad(wanted, objective.phases()[0].parameters)
    assert torch.allclose(loss, wanted, rtol=1e-5)
    assert torch.allclose(logs["reconstruction"], squares / 16, rtol=1e-5)
    assert torch.allclose(logs["kl"], kl / 16, rtol=1e-4)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-5)


def test_divergence_is_torchs() -> None:
    mean, log_variance = torch.randn(5, 7), torch.randn(5, 7)
    wanted = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(divergence(mean, log_variance), wanted, rtol=1e-4)


def test_likelihoods_are_torchs() -> None:
    logits, given = torch.randn(4, 1, 3, 3), torch.rand(4, 1, 3, 3)
    x = (given > 0.5).float()
    wanted = -TorchBernoulli(logits=logits).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(Bernoulli()(logits, x), wanted, rtol=1e-5)
    normal = Normal((torch.tanh(logits) + 1) / 2, math.sqrt(0.03))
    wanted = -normal.log_prob(given).flatten(1).sum(1)
    assert torch.allclose(Gaussian(torch.tensor(0.03)).eval()(logits, given), wanted, rtol=1e-4)
    fixed = Gaussian(torch.tensor(0.03), fixed=True)(logits, given)
    constant = 0.5 * 9 * math.log(2 * math.pi * 0.03)
    assert torch.allclose(fixed + constant, wanted, rtol=1e-4)


def test_the_variance_finds_its_optimum() -> None:
    """Whatever it begins with: noise of 0.1 around a flat image has the variance 0.01."""
    variance = torch.tensor(0.125)
    likelihood = Gaussian(variance)
    for _ in range(100):  # of a short run
        given = 0.5 + 0.1 * torch.randn(64, 1, 8, 8)
        likelihood(torch.zeros(64, 1, 8, 8), given)
    assert variance.item() == pytest.approx(0.01, rel=0.05)
    nothing = Gaussian(variance)(torch.zeros(2, 1, 4, 4), torch.full((2, 1, 4, 4), 0.5))
    assert nothing.isfinite().all()


def test_dynamic_binarisation_draws_every_pixel_from_its_intensity() -> None:
    seen: list[Tensor] = []

    class Looking(nn.Module):
        def forward(self, logits: Tensor, x: Tensor) -> Tensor:
            seen.append(x)
            return logits.flatten(1).sum(1)

    objective = vae(Looking(), "dynamic", hidden=4)
    given = torch.linspace(0, 1, 784).view(1, 1, 28, 28).expand(200, 1, 28, 28)
    objective.loss({"image": given})
    objective.loss({"image": given})
    assert not torch.equal(*seen)
    assert set(seen[0].unique().tolist()) == {0.0, 1.0}
    assert (seen[0].mean(0) - given[0]).abs().max() < 0.17
    assert seen[0][:, 0, 0, 0].sum() == 0
    assert seen[0][:, 0, -1, -1].sum() == 200


def test_active_latents_are_those_whose_mean_varies() -> None:
    objective = vae(Bernoulli())
    mean = torch.zeros(100, 20)
    mean[:, :3] = torch.randn(100, 3)
    mean[:, 3] = 0.05 * torch.randn(100)  # variance 0.0025
    found = objective.metrics(
        {"mean": mean, "reconstruction": torch.full((100,), 2.0), "kl": torch.ones(100)}
    )
    assert found["active"] == 3
    assert found["loss"] == 3.0


def test_a_single_image_has_no_latent_in_use() -> None:
    code = {"mean": torch.ones(1, 20), "reconstruction": torch.ones(1), "kl": torch.ones(1)}
    assert vae(Bernoulli()).metrics(code)["active"] == 0


def test_evaluations_weigh_the_kl_by_the_last_beta() -> None:
    like = vae(Bernoulli())
    objective = VAE(like.encoder, like.decoder, like.prior, Bernoulli(), weight=4.0)
    objective.beta.zero_()  # as at the beginning of a warm-up
    found = objective.metrics(objective.outputs({"image": image(*SIZE)}))
    assert torch.allclose(found["loss"], found["reconstruction"] + 4 * found["kl"])


def test_beta_weighs_the_kl() -> None:
    objective = vae(Gaussian(torch.tensor(0.125), fixed=True))
    objective.beta.fill_(3.0)
    loss, logs = objective.loss({"image": image(*SIZE)})
    assert torch.allclose(loss, logs["reconstruction"] + 3 * logs["kl"])


def test_overfits_a_few_images() -> None:
    from handloom.engine.optim import Adam

    objective = vae(Bernoulli(), hidden=64)
    given = (image(*SIZE, count=32) > 0.5).float()
    adam = Adam(objective.phases()[0].parameters, 3e-3)
    first = objective.loss({"image": given})[0].item()

    def closure() -> Tensor:
        adam.zero_grad()
        loss = objective.loss({"image": given})[0]
        loss.backward()
        return loss

    for _ in range(150):
        adam.step(closure)
    assert objective.loss({"image": given})[0].item() < 0.6 * first
