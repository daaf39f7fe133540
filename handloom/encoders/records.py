"""What config.json records of an encoder."""

from typing import TypedDict


class EncoderSizes(TypedDict):
    """What `backbone` builds the network of an encoder from.

    encoder: its name. size: [H, W, C]. width: D. mean, std: of each channel, of pixels in [0, 1].
    """

    encoder: str
    size: list[int]
    width: int
    mean: list[float]
    std: list[float]
