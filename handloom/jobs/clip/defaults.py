"""What is chosen where an option of CLIP is left open."""

from __future__ import annotations

from handloom.runs.records import Options

STEPS = 400  # of a layer on features that are computed once; 1,000 gained nothing on 320 photos
FROZEN: Options = dict(
    lr=1e-3, weight_decay=0.1, width=128, dropout=0.5, schedule="cosine", clip=1.0,
    translate=0, crop=1.0, color=0.0,
)  # fmt: skip
TUNED: Options = FROZEN | dict(lr=1e-3, crop=0.75, color=0.2)
SCRATCH: Options = FROZEN | dict(lr=2e-3, width=128, dropout=0.0, schedule="one-cycle")
BACKBONE = 0.05  # learning rate of a pretrained network that learns too, as a share of the others'


def chosen(network: str, tune: str, images: int, channels: int, side: int) -> Options:
    """Numbers for so many training images of so many channels and pixels a side."""
    is_scratch = network == "resnet"
    numbers = SCRATCH if is_scratch else TUNED if tune == "all" else FROZEN
    most = 256 if is_scratch or tune == "head" else 32
    batch = max(2, min(most, max(8, images // 4), images))
    steps = max(1, images // batch)
    if tune == "head":
        epochs = max(5, round(STEPS / steps))
    else:
        epochs = 10 if images >= 10_000 else 60 if is_scratch else 20
    # Better than a bag on captions of class names and of scenes: docs/benchmarks/search.md.
    text = {"text": "transformer", "hidden": 128, "layers": 2}
    hflip = {"hflip": channels == 3, "translate": max(1, round(side / 14)) if is_scratch else 0}
    return numbers | text | hflip | {"batch": batch, "epochs": epochs}
