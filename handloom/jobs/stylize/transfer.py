"""The experiments of a style transfer, one for each size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.images import StyleImages, shares
from handloom.jobs.stylize.loss import weights
from handloom.jobs.stylize.tensors import Targets, covers, enlarged, first_pixels, targets

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.engine.loop import Experiment
    from handloom.engine.optim import Optimizer
    from handloom.engine.precision import Precision
    from handloom.jobs.stylize.memory import Plan
    from handloom.jobs.stylize.sizes import Size
    from handloom.objectives.style_transfer import Region, StyleTransfer

PLAIN = 0.1
"""How much a place without edges in the photo counts in the structure term (docs/log.md)."""


@dataclass
class Transfer:
    """Everything that the sizes share, and what was planned for each."""

    config: Config
    images: StyleImages
    network: Any
    precision: Precision
    sizes: list[Size]
    plans: list[Plan]

    @property
    def device(self) -> torch.device:
        return self.precision.device

    def experiment(self, number: int, previous: Experiment | None) -> Experiment:
        """A size that begins where `previous` ended, enlarged."""
        from handloom.data.loaders import EmptyLoader
        from handloom.engine.loop import Experiment

        size, plan = self.sizes[number], self.plans[number]
        target = targets(self.config, self.images, size)
        if previous is None:
            pixels = first_pixels(self.config, self.images, size, target.content)
        else:
            pixels = enlarged(result(previous.networks["image"]), size)
        objective = self._objective(size, plan, target, pixels)
        optimizer = self._optimizer(plan, objective)
        return Experiment(
            objective=objective,
            train=EmptyLoader(size.steps),
            optimizers={"pixels": optimizer},
            epochs=size.epochs,
            networks={"image": _settled(objective, optimizer)},
            precision=self.precision,
        )

    def _optimizer(self, plan: Plan, objective: StyleTransfer) -> Optimizer:
        from handloom.engine.lbfgs import LBFGS
        from handloom.engine.optim import Adam

        if plan.optimizer == "lbfgs":
            return LBFGS([objective.pixels], history=plan.history)
        assert self.config.lr is not None
        return Adam([objective.pixels], 0.22 * self.config.lr)

    def _objective(self, size: Size, plan: Plan, target: Targets, pixels: Tensor) -> StyleTransfer:
        from handloom.objectives.edges import edges
        from handloom.objectives.style_transfer import Division, StyleTransfer, content_target

        division, weight = Division(plan.tile, plan.margin), weights(self.config)
        content = target.content.to(self.device)
        return StyleTransfer(
            pixels.to(self.device),
            self.network,
            content_target(self.network, content, weight.content_layer, division),
            self._regions(size, plan, target.paintings),
            weight,
            division,
            bounded=self.config.preset is None,
            edges=edges(content, PLAIN) if weight.structure else None,
        )

    def _regions(self, size: Size, plan: Plan, paintings: list[Tensor]) -> list[Region]:
        """Gram targets: blended into one without masks, one for each painting with them."""
        from handloom.objectives.style_transfer import Division, Region, style_target

        division, weight, share = (
            Division(plan.tile, plan.margin), weights(self.config), shares(self.config)
        )  # fmt: skip
        grams = [
            style_target(
                self.network, painting.to(self.device), weight.layers, division, weight.published
            )
            for painting in paintings
        ]
        if not self.images.masks:
            return [Region(1.0, _blended(grams, share), {})]
        layers = list(weight.layers)
        cover = covers(self.images, self.network.strides(), layers, size, len(grams))
        areas = [part[layers[0]].mean().item() for part in cover]
        total = sum(a * s for a, s in zip(areas, share, strict=True)) or 1.0
        return [
            Region(s * a / total, g, {k: v.to(self.device) for k, v in c.items()})
            for s, a, g, c in zip(share, areas, grams, cover, strict=True)
        ]


def result(image: nn.Module) -> Tensor:
    """The pixels of an experiment's network, as they are saved: (1, 3 or 1, H, W)."""
    pixels: Tensor = image.state_dict()["pixels"]
    return pixels


def _blended(grams: list[dict[str, Tensor]], share: list[float]) -> dict[str, Tensor]:
    import torch

    return {
        layer: torch.stack([s * g[layer] for s, g in zip(share, grams, strict=True)]).sum(0)
        for layer in grams[0]
    }


def _settled(objective: StyleTransfer, optimizer: Optimizer) -> StyleTransfer:
    """The objective, which saves the last accepted point: L-BFGS's parameter is ahead of it."""
    from handloom.engine.lbfgs import LBFGS

    if isinstance(optimizer, LBFGS):

        def settle(module: Any, state: dict[str, Any], prefix: str, metadata: Any) -> None:
            state[f"{prefix}pixels"] = optimizer.settled[0]

        objective.register_state_dict_post_hook(settle)
    return objective
