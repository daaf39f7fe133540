"""An image with the features of a photo and the feature correlations of paintings.

Gatys, Ecker and Bethge 2016, "Image style transfer using convolutional neural networks".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handloom.engine.objective import Batch, Loss, Objective, Phase, nothing
from handloom.objectives.edges import Edges, smoothness, structure
from handloom.objectives.gram import gram
from handloom.objectives.windows import Window, windows

FeatureMaps = dict[str, Tensor]


class Network(Protocol):
    """What features are read from: (image, layers) -> maps by layer, and their strides."""

    def __call__(self, image: Tensor, layers: list[str]) -> FeatureMaps: ...

    def strides(self) -> dict[str, int]: ...

    def reach(self, layers: list[str]) -> int: ...


@dataclass(frozen=True)
class Weights:
    """What counts how much.

    published: the tutorial's sums. Style: mean squared difference of Gram sums, divided by the
        numbers in a map (d h w); content: mean squared difference. Otherwise both are relative to
        the target's own size, so that weights mean the same for every network and image size:
        |G - A|^2 / |A|^2 with Gram matrices that are means over positions, |F - P|^2 / |P|^2.
    layers: style layer -> weight. smoothness: of the mean squared step between neighbours (total
        variation, squared). structure: of the photo's edges (`objectives/edges.py`).
    """

    content: float
    style: float
    smoothness: float
    content_layer: str
    layers: dict[str, float]
    published: bool = False
    structure: float = 0.0

    @property
    def all_layers(self) -> list[str]:
        return list(dict.fromkeys([*self.layers, self.content_layer]))


@dataclass
class Region:
    """Where which style goes: Gram targets by layer, and how far each position belongs to it.

    cover: by layer, (1, 1, h, w) in [0, 1]; empty where the region is the whole image.
    """

    share: float
    grams: FeatureMaps
    cover: FeatureMaps


@dataclass(frozen=True)
class Division:
    """How an image larger than memory is gone through: whole, or in tiles with a margin.

    tile: side in pixels of what is computed at once, or None for all. margin: pixels around it
        that are computed too; from the network's reach on, tiles give the gradient of the whole
        image, and there is no seam that could be seen.
    """

    tile: int | None = None
    margin: int = 0


class StyleTransfer(Objective):
    """Content, style, structure and smoothness over `pixels`, (1, 3 or 1, H, W); 1 is grey.

    network: frozen. content: target of the content layer. regions: targets of the style layers;
        their shares should sum to 1. bounded: keep pixels in [0, 1]. edges: of the photo.
    """

    def __init__(
        self,
        pixels: Tensor,
        network: Network,
        content: Tensor,
        regions: list[Region],
        weights: Weights,
        division: Division = Division(),
        bounded: bool = True,
        edges: Edges | None = None,
    ) -> None:
        super().__init__()
        # Contiguous whatever is given: sums depend on strides, and a resumed run begins elsewhere.
        values = pixels.detach().float().clone(memory_format=torch.contiguous_format)
        self.pixels = nn.Parameter(values)
        # Held in lists: what is frozen and made again is not part of a checkpoint.
        self._fixed: list[tuple[Network, Tensor, list[Region]]] = [(network, content, regions)]
        self._edges = edges
        self.weights, self.division, self.bounded = weights, division, bounded

    def phases(self) -> list[Phase]:
        project = self.bound if self.bounded else nothing
        return [Phase("pixels", self.loss, [self.pixels], project=project)]

    @torch.no_grad()
    def bound(self) -> None:
        """Back into the range of an image."""
        self.pixels.clamp_(0, 1)

    def loss(self, batch: Batch) -> Loss:
        with torch.autocast(self.pixels.device.type, enabled=False):
            return self.loss_of(self.pixels)

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"image": self.pixels.detach()}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The terms, in the units of `Weights`, before they are weighted."""
        return self.loss_of(outputs["image"])[1]

    def loss_of(self, pixels: Tensor) -> Loss:
        """The loss of any image of this size, and its terms."""
        if self.division.tile is None:
            maps = self._maps(pixels)
            loss, logs = self.combine(self.sums(maps, None), self.deviation(maps, None))
        else:
            tiled, content, style = _Tiled.apply(pixels, self)
            loss, logs = tiled, {"content": content, "style": style}
        if self._edges is not None and self.weights.structure:
            distance = structure(pixels, self._edges)
            loss = loss + self.weights.structure * distance
            logs["structure"] = distance.detach()
        if self.weights.smoothness:
            rough = smoothness(pixels)
            loss = loss + self.weights.smoothness * rough
            logs["smoothness"] = rough.detach()
        return loss, logs

    def sums(self, maps: FeatureMaps, window: Window | None) -> list[Tensor]:
        """Gram sums of each region's layers in turn, (C, C) each, of a window's own positions."""
        _, _, regions = self._fixed[0]
        return [
            gram(maps[layer], _part(region.cover.get(layer), window, self._stride(layer)))
            for region in regions
            for layer in self.weights.layers
        ]

    def deviation(self, maps: FeatureMaps, window: Window | None) -> Tensor:
        """Sum of squared differences to the content target, of a window's own positions."""
        layer = self.weights.content_layer
        target = _part(self._fixed[0][1], window, self._stride(layer))
        assert target is not None
        return F.mse_loss(maps[layer].float(), target.float(), reduction="sum")

    def combine(self, sums: list[Tensor], deviation: Tensor) -> Loss:
        """The loss, from what is summed over the whole image."""
        weights, (_, target, regions) = self.weights, self._fixed[0]
        remaining = iter(sums)
        style = torch.zeros((), device=deviation.device)
        for region in regions:
            for layer, weight in weights.layers.items():
                gram_sum, wanted = next(remaining), region.grams[layer]
                style = style + region.share * weight * self._distance(
                    gram_sum, wanted, region, layer
                )
        size = target.numel() if weights.published else target.float().square().sum() + 1e-12
        content = deviation / size
        return weights.content * content + weights.style * style, {
            "content": content.detach(),
            "style": style.detach(),
        }

    def own(self, pixels: Tensor, window: Window) -> FeatureMaps:
        """Maps of a window, its margin cut away again."""
        outer = pixels[:, :, window.outer_rows, window.outer_columns]
        return {
            layer: window.inner(maps, self._stride(layer))
            for layer, maps in self._maps(outer).items()
        }

    def _distance(self, gram_sum: Tensor, wanted: Tensor, region: Region, layer: str) -> Tensor:
        area = self._area(layer) if not region.cover else region.cover[layer].sum().clamp(min=1)
        if self.weights.published:
            return F.mse_loss(gram_sum, wanted) / (gram_sum.shape[0] * area)
        return (gram_sum / area - wanted).square().sum() / (wanted.square().sum() + 1e-12)

    def _area(self, layer: str) -> int:
        stride = self._stride(layer)
        return (self.pixels.shape[2] // stride) * (self.pixels.shape[3] // stride)

    def _maps(self, pixels: Tensor) -> FeatureMaps:
        return self._fixed[0][0](pixels.expand(-1, 3, -1, -1), self.weights.all_layers)

    def _stride(self, layer: str) -> int:
        return self._fixed[0][0].strides()[layer]


@torch.no_grad()
def content_target(network: Network, image: Tensor, layer: str, division: Division) -> Tensor:
    """Maps of the content layer, (1, C, h, w), put together from tiles where there are any."""
    stride = network.strides()[layer]
    target: Tensor | None = None
    for window in _over(image, division):
        outer = image[:, :, window.outer_rows, window.outer_columns]
        maps = window.inner(network(outer, [layer])[layer], stride)
        if target is None:
            size = (1, maps.shape[1], image.shape[2] // stride, image.shape[3] // stride)
            target = maps.new_empty(size).contiguous(memory_format=torch.channels_last)
        target[:, :, window.rows(stride), window.columns(stride)] = maps
    assert target is not None
    return target


@torch.no_grad()
def style_target(
    network: Network, image: Tensor, layers: Iterable[str], division: Division, published: bool
) -> FeatureMaps:
    """Gram matrices of a painting by layer: sums where published, else means over positions."""
    layers = list(layers)
    grams: FeatureMaps = {}
    for window in _over(image, division):
        outer = image[:, :, window.outer_rows, window.outer_columns]
        for layer, maps in network(outer, layers).items():
            part = gram(window.inner(maps, network.strides()[layer]))
            grams[layer] = grams[layer] + part if layer in grams else part
    if published:
        return grams
    areas = {n: (image.shape[2] // s) * (image.shape[3] // s) for n, s in network.strides().items()}
    return {layer: total / areas[layer] for layer, total in grams.items()}


class _Tiled(torch.autograd.Function):
    """The whole image's loss and gradient in two passes over tiles.

    First the Gram matrices of all tiles are summed, which is what the loss depends on; then every
    tile is computed again and its pixels get their gradient towards the sums. Nothing is
    approximate: the sums are global, so no tile becomes a painting of its own.
    """

    @staticmethod
    def forward(ctx: Any, pixels: Tensor, job: StyleTransfer) -> tuple[Tensor, Tensor, Tensor]:
        tiles = list(_over(pixels, job.division))
        sums, deviation = _summed(pixels, job, tiles)
        with torch.enable_grad():
            leaves = [t.requires_grad_() for t in (*sums, deviation)]
            loss, logs = job.combine(leaves[:-1], leaves[-1])
            towards = torch.autograd.grad(loss, leaves)
        ctx.save_for_backward(_gradient(pixels, job, tiles, towards))
        return loss.detach(), logs["content"], logs["style"]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return ctx.saved_tensors[0] * gradients[0], None


def _summed(pixels: Tensor, job: StyleTransfer, tiles: list[Window]) -> tuple[list[Tensor], Tensor]:
    sums: list[Tensor] = []
    deviation = torch.zeros((), device=pixels.device)
    for window in tiles:
        maps = job.own(pixels, window)
        tile_sums = job.sums(maps, window)
        sums = [a + b for a, b in zip(sums, tile_sums, strict=True)] if sums else tile_sums
        deviation = deviation + job.deviation(maps, window)
        del maps  # before the next tile is computed, not after
    return sums, deviation


def _gradient(
    pixels: Tensor, job: StyleTransfer, tiles: list[Window], towards: tuple[Tensor, ...]
) -> Tensor:
    gradient = torch.zeros_like(pixels)
    for window in tiles:
        with torch.enable_grad():
            outer = pixels[:, :, window.outer_rows, window.outer_columns].detach().requires_grad_()
            maps = job.own(outer, window.alone())
            values = [*job.sums(maps, window), job.deviation(maps, window)]
            moved = torch.autograd.grad(values, outer, list(towards))[0]
        gradient[:, :, window.outer_rows, window.outer_columns] += moved
        del maps, values
    return gradient


def _over(image: Tensor, division: Division) -> Iterable[Window]:
    return windows(image.shape[2], image.shape[3], division.tile, division.margin)


def _part(whole: Tensor | None, window: Window | None, stride: int) -> Tensor | None:
    """A window's own positions of a map of the whole image."""
    if whole is None or window is None:
        return whole
    return whole[:, :, window.rows(stride), window.columns(stride)]
