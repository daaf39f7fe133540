"""The encoder that learned nothing: the pixels of a small copy, the baseline for all others."""

from torch import nn

from handloom.encoders.encoder import Architecture

SIDE = 32  # pixels; D is 3 * 32 * 32 = 3,072


def architecture() -> Architecture:
    """Every image stretched to 32x32 pixels, around 0 and flattened, (B, 3072)."""
    return Architecture(
        body=nn.Flatten(),
        head=frozenset(),
        preprocessing={
            "size": [SIDE, SIDE],
            "channels": 3,
            "fit": "stretch",
            "background": "white",
            "crop": 1.0,
            "interpolation": "bilinear",
        },
        mean=(0.5,),
        std=(0.5,),
        published=None,
    )
