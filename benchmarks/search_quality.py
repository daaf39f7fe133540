"""How good neighbours are: precision@5, mAP and 1-NN by label, for each encoder, and what
`--min-score auto` does to queries that have no answer.

    python -m benchmarks.search_quality PHOTOS [--images 500]       # and Fashion-MNIST
    python -m benchmarks.search_quality PHOTOS --encoders --runs photos=runs/simclr-photos-1

PHOTOS: a folder of class folders. Every image is a query once, among all others. Of the named sets
`--images` of the test images are taken, evenly. Weights come from $HANDLOOM_DATA/weights, and for
MobileNetV2 from a file there that is named otherwise. `absent`: three classes are taken out of
the collection; the share of their images that find nothing, and of the other images that find
something, each left out of the collection itself, over all choices of three neighbouring classes.
`curve`: the same at other scores than the calibrated one, those that given shares reach.
`--runs`: runs of a job that has an encoder, each with the set it is measured on, and beside each
its network with weights at random.
"""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.arguments import parser_of
from handloom import encoders
from handloom.data.images.decode import decode
from handloom.data.images.listing.folder import list_folder
from handloom.data.images.load import load_for_run
from handloom.data.io.storage import data_folder
from handloom.encoders.bulk import encode
from handloom.encoders.encoder import Encoder
from handloom.encoders.opening import architecture_of
from handloom.jobs.loading import load
from handloom.search.calibration import calibrate
from handloom.search.vectors import normalized

Array = np.ndarray[Any, Any]
EFFICIENTNET = "timm:tf_efficientnet_lite0"
SHARES = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)  # of queries with an answer
MOBILENET = "torchvision:mobilenet_v2"


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--sets", nargs="*", default=["photos", "fashion-mnist"])
    parser.add_argument("--encoders", nargs="*", help="by their names in the table; all without")
    parser.add_argument("--runs", nargs="*", default=[], help="as in photos=runs/simclr-photos-1")
    given = parser.parse_args()
    for name in given.sets:
        measured = {} if given.encoders == [] else all_encoders()
        for title, encoder in (measured | of_runs(name, given.runs)).items():
            is_published = title in measured
            if given.encoders and is_published and title not in given.encoders:
                continue
            vectors, labels = embedded(name, given, encoder)
            known = {"data": name, "images": len(labels), "encoder": title,
                     "numbers": vectors.shape[1], **quality(vectors, labels)}  # fmt: skip
            nothing = {"absent": absent(vectors, labels), "curve": curve(vectors, labels)}
            print(json.dumps(known | nothing), flush=True)


def all_encoders() -> dict[str, Encoder]:
    """By what a table calls them."""
    weights = data_folder() / "weights" / "mobilenet_v2_from_tflite.pth"
    return {
        "pixels": encoders.find("pixels"),
        "random weights (EfficientNet-Lite0)": untrained(EFFICIENTNET),
        "MobileNetV2": encoders.find(MOBILENET, weights),
        "EfficientNet-Lite0": encoders.find(EFFICIENTNET),
    }


def of_runs(name: str, given: list[str]) -> dict[str, Encoder]:
    """Encoders of the runs that are measured on a set, and of their networks at random."""
    encoders_of: dict[str, Encoder] = {}
    for pair in given:
        data, _, path = pair.partition("=")
        if data != name:
            continue
        run = load(path)
        assert run.job.encoder is not None
        encoders_of[f"{run.job.name} ({Path(path).name})"] = run.job.encoder(run)
        torch.manual_seed(0)
        fresh = run.job.networks(run.config)
        for network in fresh.values():
            network.to(run.device).eval()
        at_random = dataclasses.replace(run, networks=fresh)
        encoders_of[f"random weights ({Path(path).name})"] = run.job.encoder(at_random)
    return encoders_of


def untrained(spec: str) -> Encoder:
    """The network with weights at random."""
    torch.manual_seed(0)
    known = encoders.find(spec)
    sizes = encoders.sizes(known)
    assert architecture_of(spec).published is not None
    network = encoders.backbone(sizes)
    return dataclasses.replace(known, network=network, fingerprint="", weights=None)


def embedded(name: str, given: argparse.Namespace, encoder: Encoder) -> tuple[Array, list[str]]:
    """Vectors (N, D) of length 1, and labels."""
    if name == "photos":
        listing = list_folder(given.photos, labelled=True)
        assert listing.label is not None
        labels = [listing.classes[label] for label in listing.label]
        images = torch.stack([decode(path, encoder.preprocessing) for path in listing.paths])
    else:
        data = load_for_run(name, encoder.preprocessing)
        assert data.test is not None
        assert data.test.label is not None
        rows = torch.arange(given.images) * len(data.test) // given.images
        images = data.test.image[rows]
        labels = [data.test.classes[int(label)] for label in data.test.label[rows]]
    return normalized(encode(images, encoder).numpy()), labels


def quality(vectors: Array, labels: list[str]) -> dict[str, float]:
    """1-NN accuracy, precision@5 and mean average precision, each image against all others."""
    names = sorted(set(labels))
    number = np.array([names.index(label) for label in labels])
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :-1]
    right = number[order] == number[:, None]  # (N, N - 1), best first
    ranks = np.arange(1, right.shape[1] + 1)
    precision = right.cumsum(axis=1) / ranks
    average = (precision * right).sum(axis=1) / np.maximum(1, right.sum(axis=1))
    return {
        "one_nn": round(float(right[:, 0].mean()), 4),
        "precision_at_5": round(float(right[:, :5].mean()), 4),
        "map": round(float(average.mean()), 4),
    }


def absent(vectors: Array, labels: list[str]) -> dict[str, float]:
    """What the calibrated least score does where three classes are not in the collection."""
    names = sorted(set(labels))
    number = np.array([names.index(label) for label in labels])
    shares: dict[str, list[float]] = {}
    for with_labels in (True, False):
        answered, silent = [], []
        for first in range(len(names)):
            out = np.isin(number, [(first + more) % len(names) for more in range(3)])
            known = [labels[row] if with_labels else None for row in np.flatnonzero(~out)]
            least = calibrate(vectors[~out], known).min_score
            strangers = (vectors[out] @ vectors[~out].T).max(axis=1)
            own = vectors[~out] @ vectors[~out].T
            np.fill_diagonal(own, -1)
            answered.append(float((own.max(axis=1) >= least).mean()))
            silent.append(float((strangers < least).mean()))
        kind = "labels" if with_labels else "clusters"
        shares[f"{kind}_found"], shares[f"{kind}_silent"] = answered, silent
    return {key: round(float(np.mean(values)), 3) for key, values in shares.items()}


def curve(vectors: Array, labels: list[str]) -> list[tuple[float, float, float]]:
    """As `absent`, at the scores that SHARES of the queries with an answer reach: the share, the
    mean score, and the mean share of queries of absent classes that find nothing."""
    names = sorted(set(labels))
    number = np.array([names.index(label) for label in labels])
    points: dict[float, list[tuple[float, float]]] = {share: [] for share in SHARES}
    for first in range(len(names)):
        out = np.isin(number, [(first + more) % len(names) for more in range(3)])
        strangers = (vectors[out] @ vectors[~out].T).max(axis=1)
        own = vectors[~out] @ vectors[~out].T
        np.fill_diagonal(own, -1)
        for share, each in points.items():
            least = float(np.quantile(own.max(axis=1), 1 - share))
            each.append((least, float((strangers < least).mean())))
    means = {share: np.mean(each, axis=0).round(3).tolist() for share, each in points.items()}
    return [(share, *mean) for share, mean in means.items()]


if __name__ == "__main__":
    main()
