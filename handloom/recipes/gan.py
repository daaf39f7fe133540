"""GAN: from a set or a folder of pictures to a generator that draws new ones like them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from handloom.errors import UserError
from handloom.recipes.gan_defaults import FEW, TUTORIAL, searched, tutorial
from handloom.recipes.generation import Generation, load_pictures
from handloom.recipes.options import Built, option

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.pictures import DataSet, Pictures, Report
    from handloom.engine.optim import Optimizer
    from handloom.objectives.adversarial import Adversarial


@dataclass(frozen=True, kw_only=True)
class Config(Generation):
    """Options of `train gan`."""

    network: Literal["resnet", "dcgan", "dense"] = option(
        "resnet", "resnet is small and modern; dcgan and dense are the classic tutorials'"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training to the letter (dcgan, dense)"
    )
    loss: Literal["minimax", "least-squares", "hinge", "wasserstein"] | None = option(
        None, "what the players minimise; wasserstein has a gradient penalty"
    )
    conditional: bool = option(False, "draw pictures of a class; the data must have labels")
    noise: Literal["uniform", "normal"] | None = option(None, "where latents are drawn from")
    average: float | None = option(
        None, "decay of the averaged generator that is kept; 0: none", 0, 0.99999
    )
    augment: Literal["none", "diff"] | None = option(
        None, "diff changes all the critic sees, for small sets (DiffAugment)"
    )
    n_critic: int | None = option(None, "turns of the critic for one of the generator", 1, 100)
    critic_lr: float | None = option(None, "learning rate of the critic", 0)
    momentum: float | None = option(None, "beta1 of Adam, of both players", 0, 0.9999)


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the pictures; the tutorials take the first 5/6 for training, in order."""
    if config.preset and config.network not in TUTORIAL:
        raise UserError(
            f"there is no tutorial of {config.network}: choose --network {' or '.join(TUTORIAL)}, "
            "or leave --preset out"
        )
    found = load_pictures(config, data, report, 0.0 if config.preset else None)
    if config.conditional and found.train.label is None:
        raise UserError(
            f"--conditional: the pictures in {data} have no labels; give a folder with one "
            "subfolder a class, or leave it out"
        )
    if not config.preset:
        return found
    import torch

    cut, rows = len(found.train) * 5 // 6, torch.arange(len(found.train))
    valid = found.valid if found.valid is not None else found.train.subset(rows[cut:])
    return replace(found, train=found.train.subset(rows[:cut]), valid=valid)


def resolve(config: Config, data: DataSet) -> Config:
    """Choose what was left open, for the network, the loss and the size of the data."""
    chosen = (
        tutorial(config.network)
        if config.preset
        else searched(config.network, config.loss, data.train)
    )
    height, width = data.preprocessing["size"]
    return replace(
        config,
        size=height if height == width else config.size,
        **{name: value for name, value in chosen.items() if vars(config)[name] is None},
    )


def build(config: Any, data: DataSet, device: torch.device) -> Built:
    """Two players, their optimizers and sources; in `config` nothing is left open."""
    from handloom.data.source import Resident
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision

    capture = device.type == "cuda" if config.capture is None else config.capture
    record = _record(config, data)
    objective = _objective(config, record, device, capture)
    fields = {"image": data.train.image}
    if config.conditional:
        assert data.train.label is not None
        fields["label"] = data.train.label
    experiment = Experiment(
        objective=objective,
        train=Resident(fields, config.batch, device, seed=config.seed),
        optimizers=_optimizers(config, objective),
        epochs=config.epochs,
        networks={"generator": objective.judged, "prior": objective.prior},
        precision=Precision.resolve(device, config.precision),
        clip=config.clip,
        parts=config.parts,
        capture=capture,
    )
    return Built(experiment, record, [*data.notes, *_few(data.train)])


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """The generator and the prior of a finished run, from its config.json."""
    from handloom.nn.prior import Prior

    prior = Prior(record["latent"], record["prior"])
    return {"generator": _network(record["network"], GENERATORS), "prior": prior}


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


def _network(sizes: dict[str, Any], kinds: dict[str, tuple[str, str]]) -> nn.Module:
    from importlib import import_module

    arguments = dict(sizes)
    module, name = kinds[arguments.pop("kind")]
    network: nn.Module = vars(import_module(f"handloom.nn.{module}"))[name](
        tuple(arguments.pop("size")), **arguments
    )
    return network


def _record(config: Any, data: DataSet) -> dict[str, Any]:
    """What `networks` and every verb need, beside the options."""
    classes = list(data.train.classes) if config.conditional else []
    shape = {
        "kind": config.network,
        "size": [*data.train.size, data.train.channels],
        "classes": len(classes),
    }
    parts = {"train": data.train, "valid": data.valid, "test": data.test}
    return {
        "network": shape | {"latent": config.latent},
        "critic": shape,
        "latent": config.latent,
        "prior": config.noise,
        "conditional": config.conditional,
        "classes": classes,
        "loss": config.loss,
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "pictures": {name: len(part) for name, part in parts.items() if part is not None},
    }


def _objective(
    config: Any, record: dict[str, Any], device: torch.device, capture: bool
) -> Adversarial:
    from functools import partial

    from handloom.engine.precision import channels_last
    from handloom.nn.diff_augment import DiffAugment
    from handloom.nn.spectral import follow
    from handloom.objectives.adversarial import Adversarial

    found = networks(record)
    critic = channels_last(_network(record["critic"], CRITICS)).to(device)
    return Adversarial(
        channels_last(found["generator"]).to(device),
        critic,
        found["prior"].to(device),
        config.loss,
        config.average or None,
        DiffAugment() if config.augment == "diff" else None,
        config.n_critic,
        partial(follow, critic),
        share=config.n_critic == 1 and config.parts == 1 and not capture,
    )


def _optimizers(config: Any, objective: Adversarial) -> dict[str, Optimizer]:
    from handloom.engine.optim import Adam

    betas, decay = (config.momentum, 0.999), config.weight_decay or 0.0
    rates = {"critic": config.critic_lr, "generator": config.lr}
    return {
        phase.name: Adam(phase.parameters, rates[phase.name], betas, decay)
        for phase in objective.phases()
    }


def _few(train: Pictures) -> list[str]:
    """Honest words about a set too small to learn more from than itself."""
    if len(train) >= FEW // 5:
        return []
    return [
        f"{len(train):,} pictures are few: what is drawn will be close to some of them, changed a "
        "little at best; some thousands are needed for new ones"
    ]
