"""Other ways to ask a tuned network, which cost no training: larger images, and other views.

Random crops show objects larger than they are at test time, so that a network answers better at a
larger size than it was trained at (FixRes: Touvron et al. 2019, arXiv:1906.06423). And they are
taken from whole photos, where the job asks about the middle square alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from benchmarks.photo_heads import solved_head
from handloom.data.images.dataset import DataSet
from handloom.data.images.decode import decode_whole
from handloom.data.images.decoded import decode_files
from handloom.data.images.fit import FILTERS
from handloom.data.images.reading import Preprocessing, Shape
from handloom.encoders import Encoder
from handloom.encoders.features import of_images
from handloom.encoders.fold import folded
from handloom.engine.inference import logits_of
from handloom.engine.precision import Precision, channels_last
from handloom.models.image.transferred import Transferred

EDGES = ("first", "last")
GROWTHS = (1.0, 8 / 7, 9 / 7)  # of the encoder's own side: 224, 256 and 288 pixels
OTHERS = ("stretch", "pad", *EDGES)


class View(NamedTuple):
    """side: in pixels. fit: "crop" is the middle square, "first" and "last" are those at the two
    ends of the longer side, "stretch" and "pad" show the whole photo."""

    side: int
    fit: str


Views = Mapping[View, Tensor]  # uint8 (N, side, side, C)


def views_of(data: DataSet, encoder: Encoder) -> dict[View, Tensor]:
    """All training photos in every view, in their order."""
    own = encoder.preprocessing["size"][0]
    views = [View(round(growth * own), "crop") for growth in GROWTHS]
    views += [View(view.side, fit) for view in views[:-1] for fit in OTHERS]
    return {view: _decoded(view, data, encoder.preprocessing) for view in views}


def _decoded(view: View, data: DataSet, preprocessing: Preprocessing) -> Tensor:
    names = data.train.names
    paths, digests = [data.files[name] for name in names], [data.digests[name] for name in names]
    if view.fit in EDGES:
        kind = FILTERS[preprocessing["interpolation"]]
        return torch.stack([_edge(path, view, kind) for path in paths])
    asked: dict[str, Any] = {
        **preprocessing,
        "size": [view.side, view.side],
        "fit": view.fit,
        "crop": 1.0,
    }
    return decode_files(
        paths, digests, Shape.of_run(cast(Preprocessing, asked)), lambda *_: None
    ).image


def _edge(path: Path, view: View, kind: Image.Resampling) -> Tensor:
    """The square at one end of a photo, uint8 (side, side, 3)."""
    image, _ = decode_whole(path)
    short = min(image.size)
    left, top = (0, 0) if view.fit == "first" else (image.width - short, image.height - short)
    box = (left, top, left + short, top + short)
    square = image.resize((view.side, view.side), kind, box=box, reducing_gap=2.0)
    return torch.from_numpy(np.array(square))


class Asked(NamedTuple):
    """What a fold is asked in other ways.

    label: int64 (N,), of all photos. seen: bool (N,), which of them were trained on.
    """

    views: Views
    label: Tensor
    seen: Tensor


def right_by_way(
    asked: Asked, network: Transferred, encoder: Encoder, strength: float
) -> dict[str, Tensor]:
    """Which unseen photos are named rightly, (M,) for each way, by a tuned network and by heads.

    strength: of the heads, each solved on features of its own view.
    """
    heads, answers = dict[View, Tensor](), dict[View, Tensor]()
    for view, image in asked.views.items():
        answers[view] = both_sides(network, image[~asked.seen], encoder.precision)
        sized = encoder.preprocessing | {"size": [view.side, view.side]}
        features = of_images(image, replace(encoder, preprocessing=sized))
        known, label = features[asked.seen], asked.label[asked.seen]
        head, _ = solved_head(known, label, label, network.head.out_features, strength)
        with torch.no_grad():
            heads[view] = head(features[~asked.seen]).expand(2, -1, -1)
    ways = {f"tuned, {name}": logits for name, logits in ways_of(answers).items()}
    ways |= {f"head, {name}": logits for name, logits in ways_of(heads).items()}
    unseen = asked.label[~asked.seen]
    return {name: (logits.argmax(1) == unseen).float() for name, logits in ways.items()}


def both_sides(network: Transferred, image: Tensor, precision: Precision) -> Tensor:
    """Logits float32 (2, M, K) of images uint8 (M, H, W, C): as they are, and mirrored."""
    example = image[:1].permute(0, 3, 1, 2).float().div(255)
    fast = nn.Sequential(channels_last(folded(network.backbone, example)), network.head).eval()
    return torch.stack([logits_of(fast, side, precision) for side in (image, image.flip(2))])


def ways_of(logits: Mapping[View, Tensor]) -> dict[str, Tensor]:
    """Logits float32 (M, K), to a factor, of every way to answer; means of those of its views."""
    mean = {view: both.mean(0) for view, both in logits.items()}
    sides = sorted({view.side for view in logits})
    small, larger = (mean[View(side, "crop")] for side in sides[:2])
    ways = {f"{sides[0]} px, not mirrored": logits[View(sides[0], "crop")][0]}
    ways |= {f"{side} px": mean[View(side, "crop")] for side in sides}
    ways[f"{sides[0]} and {sides[1]} px"] = small + larger
    for side in sides[:2]:
        middle, whole, padded, first, last = (mean[View(side, fit)] for fit in ("crop", *OTHERS))
        ways |= {
            f"{side} px, whole": whole,
            f"{side} px, padded": padded,
            f"{side} px, middle and whole": middle + whole,
            f"{side} px, middle and padded": middle + padded,
            f"{side} px, both ends": first + last,
            f"{side} px, middle and both ends": middle + first + last,
        }
    return ways
