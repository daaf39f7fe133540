"""The two players of a GAN: networks, losses, optimizers and their rates, from a Config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.engine.optim import Optimizer
    from handloom.engine.schedule import ScheduledValue
    from handloom.jobs.gan.evaluator import Judge
    from handloom.objectives.adversarial import Adversarial

GENERATORS = {
    "dense": ("dense_pair", "DenseGenerator"),
    "dcgan": ("dcgan", "DCGANGenerator"),
    "resnet": ("resnet_pair", "ResNetGenerator"),
}
CRITICS = {
    "dense": ("dense_pair", "DenseCritic"),
    "dcgan": ("dcgan", "DCGANCritic"),
    "resnet": ("resnet_pair", "ResNetCritic"),
}


def player(sizes: dict[str, Any], kinds: dict[str, tuple[str, str]]) -> nn.Module:
    """A network of one of the two tables, from its record: kind, size and the other arguments."""
    from importlib import import_module

    arguments = dict(sizes)
    module, name = kinds[arguments.pop("kind")]
    network: nn.Module = vars(import_module(f"handloom.models.generative.{module}"))[name](
        tuple(arguments.pop("size")), **arguments
    )
    return network


def objective(
    config: Any, record: dict[str, Any], device: torch.device, referee: Judge
) -> Adversarial:
    """Both players and what they minimise. Recorded steps share no fakes."""
    from functools import partial

    from handloom.engine.precision import channels_last
    from handloom.models.generative.prior import Prior
    from handloom.models.layers.diff_augment import DiffAugment
    from handloom.models.layers.spectral_norm import follow
    from handloom.objectives.adversarial import Adversarial

    generator = channels_last(player(record["network"], GENERATORS)).to(device)
    critic = channels_last(player(record["critic"], CRITICS)).to(device)
    return Adversarial(
        generator,
        critic,
        Prior(record["latent"], record["prior"]).to(device),
        config.loss,
        config.ema_decay or None,
        DiffAugment() if config.augment == "diff" else None,
        config.n_critic,
        partial(follow, critic),
        share=config.n_critic == 1 and config.grad_accum_steps == 1 and not config.cuda_graph,
        evaluator=referee,
    )


def optimizers(config: Any, players: Adversarial) -> dict[str, Optimizer]:
    """Adam for each, by the name of its phase."""
    from handloom.engine.optim import Adam

    betas, decay = (config.momentum, 0.999), config.weight_decay or 0.0
    rates = {"critic": config.critic_lr, "generator": config.lr}
    return {
        phase.name: Adam(phase.parameters, rates[phase.name], betas, decay)
        for phase in players.phases()
    }


def scheduled(config: Any, optimizers: dict[str, Optimizer]) -> list[ScheduledValue]:
    """Both learning rates, by one schedule."""
    from handloom.engine.schedule import make, scheduled_lr

    schedule = make(config.schedule)
    return [value for one in optimizers.values() for value in scheduled_lr(one, schedule)]
