"""Options of `train gan`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import SEED, option
from handloom.jobs.generation.options import Generation, ResolvedGeneration


@dataclass(frozen=True, kw_only=True)
class Config(Generation):
    """Options of `train gan`."""

    network: Literal["resnet", "dcgan", "dense"] = option(
        "resnet", "resnet is a small residual network; dcgan and dense are those of the tutorials"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training, to the letter (dcgan, dense)"
    )
    loss: Literal["minimax", "least-squares", "hinge", "wasserstein"] | None = option(
        None, "adversarial loss; wasserstein includes a gradient penalty"
    )
    width: int | None = option(
        None, "channels of resnet's generator at half the image size; 64 by default", 4, 512
    )
    conditional: bool = option(False, "condition both networks on the class of the image")
    prior: Literal["uniform", "normal"] | None = option(
        None, "distribution that latents are sampled from"
    )
    ema_decay: float | None = option(
        None, "decay of the EMA of the generator, which is what is saved; 0: no EMA", 0, 0.99999
    )
    augment: Literal["none", "diff"] | None = option(
        None, "diff: DiffAugment of all that the discriminator sees, for small sets"
    )
    n_critic: int | None = option(None, "discriminator updates per generator update", 1, 100)
    discriminator_lr: float | None = option(None, "learning rate of the discriminator", 0)
    beta1: float | None = option(None, "beta1 of Adam, for both networks", 0, 0.9999)
    schedule: Literal["constant", "fall"] | None = option(
        None, "of both learning rates; fall: constant for half of the epochs, then down to 1 %"
    )
    evaluator: str | None = option(
        None,
        "weights of a network whose features the metrics use; by default one is trained",
        is_path=True,
    )
    evaluate_every: int | None = option(None, "epochs between evaluations", 1)
    split_seed: int | None = option(
        None, "seed that data are divided by; 0 by default, so that all runs compare", *SEED
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedGeneration, Config):
    """Config with every option chosen; width is None except for resnet."""

    loss: Literal["minimax", "least-squares", "hinge", "wasserstein"]
    prior: Literal["uniform", "normal"]
    ema_decay: float
    augment: Literal["none", "diff"]
    n_critic: int
    discriminator_lr: float
    beta1: float
    schedule: Literal["constant", "fall"]
    evaluate_every: int
