"""One training step equals that of the tutorials' code, written in plain torch."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.loop import Fit
from handloom.models.generative.dcgan import DCGANDiscriminator, DCGANGenerator
from handloom.models.generative.dense_gan import DenseDiscriminator, DenseGenerator
from handloom.models.generative.prior import Prior
from handloom.objectives.adversarial import Adversarial
from tests.engine.toys import images
from tests.objectives.pairs import experiment


def plain_dense() -> tuple[nn.Module, nn.Module]:
    discriminator = nn.Sequential(
        *(nn.Flatten(), nn.Linear(784, 256), nn.LeakyReLU(0.2)),
        *(nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1)),
    )
    generator = nn.Sequential(
        *(nn.Linear(96, 1024), nn.ReLU(True), nn.Linear(1024, 1024), nn.ReLU(True)),
        *(nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))),
    )
    return discriminator, generator


def plain_dcgan() -> tuple[nn.Module, nn.Module]:
    discriminator = nn.Sequential(
        *(nn.Conv2d(1, 32, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(32, 64, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2, 2), nn.Flatten()),
        *(nn.Linear(1024, 1024), nn.LeakyReLU(0.01), nn.Linear(1024, 1)),
    )
    generator = nn.Sequential(
        *(nn.Linear(96, 1024), nn.ReLU(True), nn.BatchNorm1d(1024)),
        *(nn.Linear(1024, 6272), nn.ReLU(True), nn.BatchNorm1d(6272)),
        *(nn.Unflatten(1, (128, 7, 7)), nn.ConvTranspose2d(128, 64, 4, 2, padding=1)),
        *(nn.ReLU(True), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 1, 4, 2, padding=1), nn.Tanh()),
    )
    return discriminator, generator


CASES = {
    "gan": (plain_dense, DenseDiscriminator, DenseGenerator, "minimax"),
    "lsgan": (plain_dense, DenseDiscriminator, DenseGenerator, "least-squares"),
    "dcgan": (plain_dcgan, DCGANDiscriminator, DCGANGenerator, "minimax"),
}


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("case", list(CASES))
def test_one_step_is_the_listings_step(case: str, share: bool) -> None:
    plain, discriminator_kind, generator_kind, criterion = CASES[case]
    torch.manual_seed(0)
    theirs = plain()
    mine = discriminator_kind((28, 28, 1)), generator_kind((28, 28, 1))
    for network, their in zip(mine, theirs, strict=True):
        assert [p.shape for p in network.parameters()] == [p.shape for p in their.parameters()]
        with torch.no_grad():
            for p, q in zip(network.parameters(), their.parameters(), strict=True):
                p.copy_(q)
    source = images(16, 16, 28)
    image = (next(source.batches(0))["image"] - 0.5) / 0.5
    torch.manual_seed(5)
    listing_step(*theirs, image.clone(), least_squares=criterion == "least-squares")
    objective = Adversarial(mine[1], mine[0], Prior(96, "uniform"), criterion, share=share)
    torch.manual_seed(5)
    if share:
        Fit(experiment(objective, source, 3e-4, 0.5)).run()
    else:  # the listing makes its fakes twice from the same noise
        noise = Noise()
        objective.prior = noise
        Fit(experiment(objective, source, 3e-4, 0.5)).run()
    for network, their in zip(mine, theirs, strict=True):
        for p, q in zip(network.parameters(), their.parameters(), strict=True):
            # Adam's first step is 3e-4 by sign: single weights whose gradient is all but zero
            # may go another way.
            assert (p - q).abs().mean() < 1e-6


class Noise(nn.Module):
    """The same latents whenever it is asked."""

    def forward(self, count: int) -> Tensor:
        if not hasattr(self, "kept"):
            self.kept = 2 * torch.rand(count, 96) - 1
        return self.kept


def listing_step(
    discriminator: nn.Module, generator: nn.Module, x: Tensor, least_squares: bool
) -> None:
    """The step of the tutorials, in plain torch."""
    noise = (torch.rand(len(x), 96) - 0.5) / 0.5
    optimizers = [
        torch.optim.Adam(m.parameters(), 3e-4, (0.5, 0.999)) for m in (discriminator, generator)
    ]
    one, zero = torch.ones(len(x), 1), torch.zeros(len(x), 1)
    bce: Callable[[Tensor, Tensor], Tensor] = F.binary_cross_entropy_with_logits
    real, fake = discriminator(x), discriminator(generator(noise))
    loss = (
        0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
        if least_squares
        else bce(real, one) + bce(fake, zero)
    )
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    score = discriminator(generator(noise))
    loss = 0.5 * ((score - 1) ** 2).mean() if least_squares else bce(score, one)
    optimizers[1].zero_grad()
    loss.backward()
    optimizers[1].step()
