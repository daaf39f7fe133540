"""Names of encoders: "pixels", "timm:NAME" and "torchvision:NAME"."""

from collections.abc import Iterable
from typing import NamedTuple

from handloom.errors import UserError
from handloom.wording import nearest

FORMS = "pixels, timm:NAME or torchvision:NAME"
LIBRARIES = ("timm", "torchvision")


class EncoderName(NamedTuple):
    """An encoder's name in its parts.

    source: "pixels", "timm" or "torchvision". network: the library's name for it, "" of pixels.
    """

    source: str
    network: str


def parse(spec: str) -> EncoderName:
    """The parts of a name; a UserError says what names look like."""
    source, colon, network = spec.strip().partition(":")
    source, network = source.strip().lower(), network.strip()
    if source == "pixels" and not colon:
        return EncoderName(source, "")
    if source in LIBRARIES and network:
        return EncoderName(source, network)
    if source in LIBRARIES:
        raise UserError(
            f"the encoder '{spec}' names no network: write {source}:NAME, as in {EXAMPLES[source]}"
        )
    near = nearest(source, LIBRARIES if network else ["pixels"])
    near = None if near is None or (colon and not network) else f"{near}{colon}{network}"
    hint = f"did you mean '{near}'?" if near else f"give {FORMS}, as in {EXAMPLES['timm']}"
    raise UserError(f"there is no encoder '{spec}': {hint}")


def unknown(name: EncoderName, names: Iterable[str], catalog: str) -> UserError:
    """The error for a network that a library does not have, with the nearest that it has."""
    near = nearest(name.network, names)
    hint = f"see {catalog}" if near is None else f"did you mean '{name.source}:{near}'?"
    return UserError(f"{name.source} has no network '{name.network}': {hint}")


EXAMPLES = {
    "timm": "timm:tf_efficientnet_lite0",
    "torchvision": "torchvision:mobilenet_v2",
}
