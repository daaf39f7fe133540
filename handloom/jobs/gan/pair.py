"""Generator and discriminator: networks, losses, optimizers and learning rates, from a Config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.engine.optim import Optimizer
    from handloom.engine.schedule import ScheduledValue
    from handloom.jobs.gan.config import Resolved
    from handloom.jobs.gan.evaluator import Evaluator
    from handloom.jobs.gan.records import Record
    from handloom.jobs.generation.records import NetworkSizes
    from handloom.objectives.adversarial import Adversarial

GENERATORS = {
    "dense": ("dense_gan", "DenseGenerator"),
    "dcgan": ("dcgan", "DCGANGenerator"),
    "resnet": ("resnet_gan", "ResNetGenerator"),
}
DISCRIMINATORS = {
    "dense": ("dense_gan", "DenseDiscriminator"),
    "dcgan": ("dcgan", "DCGANDiscriminator"),
    "resnet": ("resnet_gan", "ResNetDiscriminator"),
}


def network_of(sizes: NetworkSizes, kinds: dict[str, tuple[str, str]]) -> nn.Module:
    """A network of one of the two tables, from its record: kind, size and the other arguments."""
    from importlib import import_module

    arguments: dict[str, Any] = dict(sizes)
    module, name = kinds[arguments.pop("kind")]
    network: nn.Module = vars(import_module(f"handloom.models.generative.{module}"))[name](
        tuple(arguments.pop("size")), **arguments
    )
    return network


def objective(
    config: Resolved, record: Record, device: torch.device, evaluator: Evaluator
) -> Adversarial:
    """Both networks and their losses."""
    from functools import partial

    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.precision import channels_last
    from handloom.models.generative.prior import Prior
    from handloom.models.layers.diff_augment import DiffAugment
    from handloom.models.layers.spectral_norm import follow
    from handloom.objectives.adversarial import Adversarial

    # What one turn computed cannot be used in the other's recording.
    is_alone = is_recorded(config.cuda_graph, device)
    generator = channels_last(network_of(record["network"], GENERATORS)).to(device)
    discriminator = channels_last(network_of(record["discriminator"], DISCRIMINATORS)).to(device)
    return Adversarial(
        generator,
        discriminator,
        Prior(record["latent_dim"], record["prior"]).to(device),
        config.loss,
        config.ema_decay or None,
        DiffAugment() if config.augment == "diff" else None,
        config.n_critic,
        partial(follow, discriminator),
        share=config.n_critic == 1 and config.grad_accum_steps == 1 and not is_alone,
        evaluator=evaluator,
    )


def optimizers(config: Resolved, pair: Adversarial) -> dict[str, Optimizer]:
    """Adam for each network, by the name of its phase."""
    from handloom.engine.optim import Adam

    betas, decay = (config.beta1, 0.999), config.weight_decay
    lrs = {"discriminator": config.discriminator_lr, "generator": config.lr}
    return {
        phase.name: Adam(phase.parameters, lrs[phase.name], betas, decay) for phase in pair.phases()
    }


def scheduled(config: Resolved, optimizers: dict[str, Optimizer]) -> list[ScheduledValue]:
    """Both learning rates, on one schedule."""
    from handloom.engine.schedule import make, scheduled_lr

    schedule = make(config.schedule)
    return [value for each in optimizers.values() for value in scheduled_lr(each, schedule)]
