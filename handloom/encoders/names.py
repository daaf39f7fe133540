"""Names of encoders: "pixels", and "SOURCE:NAME" of timm, torchvision, clip and simclr."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from handloom.errors import UserError
from handloom.wording import nearest

PIXELS, CLIP, SIMCLR = "pixels", "clip", "simclr"
SIDES = (8, 512)  # pixels of `pixels:SIDE`, at least and at most
FORMS = "pixels, timm:NAME, torchvision:NAME, clip:NAME or simclr:NAME"
LIBRARIES = ("timm", "torchvision", CLIP, SIMCLR)
CLIP_CONFIG = "open_clip_config.json"  # in a folder that open_clip saved


class EncoderName(NamedTuple):
    """An encoder's name in its parts.

    source: "pixels", "timm", "torchvision", "clip" or "simclr". network: the library's name for it,
    "" of pixels, or the side of `pixels:224`.
    """

    source: str
    network: str


def parse(spec: str) -> EncoderName:
    """The parts of a name; a UserError says what names look like."""
    source, colon, network = spec.strip().partition(":")
    source, network = source.strip().lower(), network.strip()
    if source == PIXELS and not colon:
        return EncoderName(source, "")
    if source == PIXELS and network.isdecimal():
        return EncoderName(source, _side(spec, int(network)))
    if source in LIBRARIES and network:
        return EncoderName(source, network)
    if source in LIBRARIES:
        raise UserError(
            f"the encoder '{spec}' names no network: write {source}:NAME, as in {EXAMPLES[source]}"
        )
    near = nearest(source, LIBRARIES if network else [PIXELS])
    near = None if near is None or (colon and not network) else f"{near}{colon}{network}"
    hint = f"did you mean '{near}'?" if near else f"give {FORMS}, as in {EXAMPLES['timm']}"
    raise UserError(f"there is no encoder '{spec}': {hint}")


def _side(spec: str, side: int) -> str:
    low, high = SIDES
    if not low <= side <= high:
        raise UserError(f"there is no encoder '{spec}': give a side from {low} to {high} pixels")
    return str(side)


def as_in_tutorial(spec: str) -> str:
    """The encoder as the tutorial of image search has it: pixels at 224 and SimCLR at 64 pixels a
    side, CLIP as ViT-B-32. Networks of timm and torchvision are the same: their pooled features."""
    return TUTORIAL.get(spec.strip().lower(), spec)


def is_clip_folder(path: str | Path) -> bool:
    """Whether a path is the folder of a network that open_clip saved."""
    return (Path(path).expanduser() / CLIP_CONFIG).is_file()


def absolute(spec: str) -> str:
    """The same name, a folder in it by its whole path, so that it is found from anywhere."""
    source, _, network = spec.strip().partition(":")
    folder = Path(network).expanduser()
    if source.strip().lower() == CLIP and network and folder.is_dir():
        return f"{CLIP}:{folder.resolve()}"
    return f"{CLIP}:{Path(spec).expanduser().resolve()}" if is_clip_folder(spec) else spec


def unknown(name: EncoderName, names: Iterable[str], catalog: str) -> UserError:
    """The error for a network that a library does not have, with the nearest that it has."""
    near = nearest(name.network, names)
    hint = f"see {catalog}" if near is None else f"did you mean '{name.source}:{near}'?"
    return UserError(f"{name.source} has no network '{name.network}': {hint}")


EXAMPLES = {
    "timm": "timm:tf_efficientnet_lite0",
    "torchvision": "torchvision:mobilenet_v2",
    CLIP: "clip:ViT-B-32",
    SIMCLR: "simclr:resnet50",
}
TUTORIAL = {
    PIXELS: "pixels:224",
    SIMCLR: "simclr:resnet50.64",
    "simclr:resnet18": "simclr:resnet18.64",
    "simclr:resnet50": "simclr:resnet50.64",
    CLIP: "clip:ViT-B-32",
}
