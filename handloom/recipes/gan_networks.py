"""From the sizes in a run's config.json to its generator and its critic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

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


def generator(sizes: dict[str, Any]) -> nn.Module:
    """The generator of these sizes: its kind, and what its constructor takes."""
    return _network(sizes, GENERATORS)


def critic(sizes: dict[str, Any]) -> nn.Module:
    """The critic of these sizes."""
    return _network(sizes, CRITICS)


def _network(sizes: dict[str, Any], kinds: dict[str, tuple[str, str]]) -> nn.Module:
    arguments = dict(sizes)
    module, name = kinds[arguments.pop("kind")]
    network: nn.Module = vars(import_module(f"handloom.nn.{module}"))[name](
        tuple(arguments.pop("size")), **arguments
    )
    return network
