"""One size of a painting: the images at that size, where it begins, and its experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handloom.jobs.stylize.build import Config, Images, Stage, judged, shares

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass
class Prepared:
    """Photo and paintings of one stage, in the colours they are painted in."""

    photo: Tensor  # (1, 3, H, W), its own colours
    content: Tensor  # (1, 3, H, W), what the network is shown
    styles: list[Tensor]


def prepared(config: Config, images: Images, stage: Stage) -> Prepared:
    """The images at a stage's size, colours kept as the options say."""
    from handloom.jobs.stylize.colors import luminance, match_colors, match_luminance

    photo = images.photo.at(stage.height, stage.width)
    side = min(stage.height, stage.width) * config.style_scale
    styles = [s.at(*s.sized(max(1, round(side)))) for s in images.styles]
    if config.colors == "histogram":
        return Prepared(photo, photo, [match_colors(style, photo) for style in styles])
    if config.colors == "luminance":
        grey = luminance(photo)
        matched = [match_luminance(luminance(style), grey) for style in styles]
        wide = [m.expand(-1, 3, -1, -1) for m in matched]
        return Prepared(photo, grey.expand(-1, 3, -1, -1), wide)
    return Prepared(photo, photo, styles)


def finished(config: Config, pixels: Tensor, photo: Tensor) -> Tensor:
    """What is optimised, as the image a person sees: (1, 3, H, W) in [0, 1]."""
    from handloom.jobs.stylize.colors import recolored

    if config.colors == "luminance":
        return recolored(pixels.detach().cpu(), photo)
    return pixels.detach().cpu().clamp(0, 1)


def first_pixels(config: Config, images: Images, stage: Stage, shown: Prepared) -> Tensor:
    """Where the first stage begins."""
    import torch

    from handloom.jobs.stylize.colors import luminance

    if config.start == "noise":
        generator = torch.Generator().manual_seed(config.seed)
        pixels = torch.rand(1, 3, stage.height, stage.width, generator=generator)
    elif images.start is not None:
        pixels = images.start.at(stage.height, stage.width)
    else:
        pixels = shown.content
    return luminance(pixels) if config.colors == "luminance" else pixels


def enlarged(pixels: Tensor, stage: Stage) -> Tensor:
    """A finished stage as the start of the next, (1, C, H, W)."""
    from torch.nn.functional import interpolate

    size = (stage.height, stage.width)
    return interpolate(pixels.detach(), size, mode="bicubic", align_corners=False).clamp(0, 1)


def build(
    config: Config,
    images: Images,
    stage: Stage,
    shown: Prepared,
    pixels: Tensor,
    network: Any,
    division: Any,
    device: torch.device,
    optimizer: str,
    history: int,
) -> Any:
    """The experiment of one stage."""
    from handloom.data.loaders import EmptyLoader
    from handloom.engine.lbfgs import LBFGS
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import Adam
    from handloom.engine.precision import Precision

    assert config.lr is not None
    objective = _objective(config, images, shown, pixels, network, division, device)
    moved = (
        LBFGS([objective.pixels], history=history)
        if optimizer == "lbfgs"
        else Adam([objective.pixels], 0.22 * config.lr)
    )
    return Experiment(
        objective=objective,
        train=EmptyLoader(stage.epoch),
        optimizers={"pixels": moved},
        epochs=stage.iterations // stage.epoch,
        networks={"image": objective},
        precision=Precision(device, None),  # the network has its own
    )


def _objective(
    config: Config,
    images: Images,
    shown: Prepared,
    pixels: Tensor,
    network: Any,
    division: Any,
    device: torch.device,
) -> Any:
    from handloom.objectives.style_transfer import StyleTransfer, content_target

    weights = judged(config)
    return StyleTransfer(
        pixels.to(device),
        network,
        content_target(network, shown.content.to(device), weights.content_layer, division),
        regions(config, images, shown, network, division, device),
        weights,
        division,
        bounded=config.preset is None,
    )


def regions(
    config: Config,
    images: Images,
    shown: Prepared,
    network: Any,
    division: Any,
    device: torch.device,
) -> list[Any]:
    """Gram targets: blended into one without masks, one for each painting with them."""
    from handloom.objectives.style_transfer import Region, style_target

    weights, share = judged(config), shares(config, len(shown.styles))
    grams = [
        style_target(network, s.to(device), weights.layers, division, weights.published)
        for s in shown.styles
    ]
    if not images.masks:
        blended = {
            layer: sum(a * g[layer] for a, g in zip(share, grams, strict=True))
            for layer in weights.layers
        }
        return [Region(1.0, blended, {})]  # type: ignore[arg-type]
    height, width = shown.photo.shape[2:]
    covers = _covers(images, network, list(weights.layers), height, width, len(grams))
    areas = [cover[next(iter(cover))].mean().item() for cover in covers]
    total = sum(a * s for a, s in zip(areas, share, strict=True)) or 1.0
    return [
        Region(s * a / total, g, {k: v.to(device) for k, v in cover.items()})
        for s, a, g, cover in zip(share, areas, grams, covers, strict=True)
    ]


def _covers(
    images: Images, network: Any, layers: list[str], height: int, width: int, paintings: int
) -> list[dict[str, Tensor]]:
    import torch

    from handloom.jobs.stylize.colors import luminance

    strides = network.strides()
    found: list[dict[str, Tensor]] = [{} for _ in range(paintings)]
    for layer in layers:
        size = (height // strides[layer], width // strides[layer])
        masks = [luminance(mask.at(*size)) for mask in images.masks]
        if len(masks) < paintings:
            masks.append(
                (1 - torch.cat([torch.zeros(1, 1, *size), *masks]).sum(0)[None]).clamp(0, 1)
            )
        for cover, mask in zip(found, masks, strict=True):
            cover[layer] = mask
    return found
