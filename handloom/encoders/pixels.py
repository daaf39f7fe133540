"""The encoder that learned nothing: the pixels of a small copy, the baseline for all others."""

from torch import nn

from handloom.encoders.encoder import Architecture

SIDE = 32  # pixels; D is 3 * 32 * 32 = 3,072


def architecture(side: int | None = None) -> Architecture:
    """Every image stretched to 32x32 pixels, around 0 and flattened, (B, 3072).

    side: of `pixels:SIDE`, stretched to that and in [0, 1], not around 0, as tutorials have them
    (224: 150,528 numbers). What is never negative is alike to everything: cosines are near 1.
    """
    pixels, middle = (SIDE, 0.5) if side is None else (side, 0.0)
    return Architecture(
        body=nn.Flatten(),
        head=frozenset(),
        preprocessing={
            "size": [pixels, pixels],
            "channels": 3,
            "fit": "stretch",
            "background": "white",
            "crop": 1.0,
            "interpolation": "bilinear",
        },
        mean=(middle,),
        std=(1 - middle,),
        published=None,
    )
