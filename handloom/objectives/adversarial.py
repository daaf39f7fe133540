"""Adversarial training: a generator makes images, a discriminator tells them from real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.ema import EMA
from handloom.engine.objective import (
    Batch,
    Loss,
    Objective,
    Phase,
    freeze_bn_stats,
    nothing,
    trainable,
)


class FeatureEvaluator(Protocol):
    """Measures generated images during training, by features of a network."""

    def features(self, image: Tensor) -> Tensor:
        """(B, C, H, W) in [0, 1] to (B, F)."""

    def metrics(self, features: Tensor) -> dict[str, Tensor]:
        """Scalars over a set of generated images, from their features (N, F)."""


@dataclass(frozen=True)
class Criterion:
    """The losses of both networks, as functions of the discriminator's scores (B,).

    discriminator: (real, fake) -> scalar; generator: fake -> scalar; logged: score -> the value
    that is logged, a probability where the score is a logit; penalised: with a gradient penalty.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    logged: Callable[[Tensor], Tensor]
    penalised: bool = False


def _same(score: Tensor) -> Tensor:
    return score


def _margin(score: Tensor) -> Tensor:
    """0 at the margin of generated images, -1, and 1 at that of real ones, beyond which the loss
    is flat. The score is not a logit: its sigmoid would be 0.73 there."""
    return ((score + 1) / 2).clamp(0, 1)


CRITERIA: dict[str, Criterion] = {
    # Goodfellow et al. 2014 (arXiv:1406.2661): eq. 1, and for the generator the loss that does
    # not saturate (section 3); the discriminator's two terms are summed.
    "minimax": Criterion(
        lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(),
        lambda fake: F.softplus(-fake).mean(),
        torch.sigmoid,
    ),
    # Mao et al. 2017 (LSGAN, arXiv:1611.04076), eq. 9.
    "least-squares": Criterion(
        lambda real, fake: 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean(),
        lambda fake: 0.5 * ((fake - 1) ** 2).mean(),
        _same,
    ),
    # Lim and Ye 2017 (arXiv:1705.02894); Miyato et al. 2018 (arXiv:1802.05957), eq. 16 and 17.
    "hinge": Criterion(
        lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(),
        lambda fake: -fake.mean(),
        _margin,
    ),
    # Gulrajani et al. 2017 (WGAN-GP, arXiv:1704.00028), eq. 3.
    "wasserstein": Criterion(
        lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean(), _same, True
    ),
}


class Adversarial(Objective):
    """Updates the discriminator, then the generator, with the losses of one row of CRITERIA.

    Batch fields: `image` float (B, C, H, W) in [0, 1]; `label` int64 (B,) where the networks are
    conditional (generated images get the labels of the real ones); in evaluation `latent` (B, D).
    Phase `discriminator`: every parameter of the discriminator. Phase `generator`: every parameter
    of the generator, in every `n_critic`-th step.

    generator: has `generate(latent, label)` -> image; discriminator: (image, label) -> score (B,).
    prior: count -> latents (count, D).
    ema_decay: of the EMA of the generator, which is evaluated and saved; None: no EMA.
    augment: image -> image, differentiable, applied to every input of the discriminator.
    after: called after the discriminator's update, such as the power iteration of its layers.
    share: both phases use one batch of generated images, made in the discriminator's phase together
        with its graph. Excludes CUDA graphs, micro-batches and n_critic above 1.
    penalty: weight of the gradient penalty, where the criterion has one.
    evaluator: computes the metrics; None: there are none.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        prior: nn.Module,
        criterion: str,
        ema_decay: float | None = None,
        augment: nn.Module | None = None,
        n_critic: int = 1,
        after: Callable[[], None] = nothing,
        share: bool = False,
        penalty: float = 10.0,
        evaluator: FeatureEvaluator | None = None,
    ) -> None:
        super().__init__()
        if share and n_critic > 1:
            raise ValueError("share needs a generator that learns in every step: n_critic=1")
        self.generator, self.discriminator, self.prior = generator, discriminator, prior
        self.criterion, self.penalty = CRITERIA[criterion], penalty
        self.augment, self.n_critic, self.after, self.share = augment, n_critic, after, share
        self.ema = EMA(generator, ema_decay) if ema_decay is not None else None
        self.evaluator = evaluator
        self._fake: Tensor | None = None

    @property
    def eval_model(self) -> nn.Module:
        """The generator that is evaluated and saved: the EMA where there is one."""
        return self.generator if self.ema is None else self.ema.module

    def phases(self) -> list[Phase]:
        first = trainable(list(self.discriminator.parameters()))
        second = trainable(list(self.generator.parameters()))
        return [
            Phase("discriminator", self.discriminator_loss, first, project=self.after),
            Phase("generator", self.generator_loss, second, self.n_critic, ema=self.ema),
        ]

    def discriminator_loss(self, batch: Batch) -> Loss:
        """Loss on a batch of real images and as many generated ones."""
        label = batch.get("label")
        if self.share:
            self._fake = self._generated(batch)
            fake = self._fake.detach()
        else:
            with torch.no_grad(), freeze_bn_stats(self.generator):
                fake = self._generated(batch)
        real, fake = self._augmented(batch["image"]), self._augmented(fake)
        scores = self.discriminator(real, label).float(), self.discriminator(fake, label).float()
        loss = self.criterion.discriminator(*scores)
        logged = [self.criterion.logged(score.detach()).mean() for score in scores]
        logs = dict(zip(("real", "fake"), logged, strict=True))
        if self.criterion.penalised:
            logs["penalty"] = gradient_penalty(self.discriminator, real, fake, label)
            loss = loss + self.penalty * logs["penalty"]
        return loss, logs

    def generator_loss(self, batch: Batch) -> Loss:
        """Loss on as many generated images; the discriminator does not change."""
        fake, self._fake = self._fake, None
        if fake is None:
            fake = self._generated(batch)
        with freeze_bn_stats(self.discriminator):
            score = self.discriminator(self._augmented(fake), batch.get("label")).float()
        return self.criterion.generator(score), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        if self.evaluator is None:
            return {}
        image = self.eval_model.generate(batch["latent"], batch.get("label"))  # type: ignore[operator]
        return {"feature": self.evaluator.features(image)}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {} if self.evaluator is None else self.evaluator.metrics(outputs["feature"])

    def _generated(self, batch: Batch) -> Tensor:
        latent = self.prior(len(batch["image"]))
        label = batch.get("label")
        image: Tensor = self.generator.generate(latent, label)  # type: ignore[operator]
        return image

    def _augmented(self, image: Tensor) -> Tensor:
        return image if self.augment is None else self.augment(image)


def gradient_penalty(
    discriminator: nn.Module, real: Tensor, fake: Tensor, label: Tensor | None = None
) -> Tensor:
    """Mean of (|gradient of the score| - 1)^2 at random points between real and fake images.

    Gulrajani et al. 2017 (arXiv:1704.00028), algorithm 1, in float32. real, fake (B, C, H, W).
    """
    share = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = torch.lerp(fake.detach().float(), real.float(), share).requires_grad_()
    with torch.enable_grad(), torch.autocast(real.device.type, enabled=False):
        score = discriminator(between, label).sum()
        (gradient,) = torch.autograd.grad(score, between, create_graph=True)
    length = gradient.flatten(1).square().sum(1).add(1e-12).sqrt()  # a root of 0 has no slope
    return (length - 1).square().mean()
