"""How a map of a collection is best made: t-SNE beside principal components, and ways to cluster.

    python -m benchmarks.search_map PHOTOS [--encoder timm:tf_efficientnet_lite0]

For the photos, a folder of class folders, and for the bundled digits by their pixels: the share of
the five nearest that have an image's label, on the map by t-SNE, on that by two principal
components, and among the 50 components; normalized mutual information of clusters and labels, and
the share of images in no cluster.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.arguments import parser_of
from handloom.search.map.layout import _clusters, _components, _neighbours_kept

Array = np.ndarray[Any, Any]
SIZES = (5, 10, 15)  # least images of a cluster of HDBSCAN


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("photos")
    parser.add_argument("--encoder", default="timm:tf_efficientnet_lite0")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    for name, vectors, labels in collections(given):
        components = _components(vectors)
        began = time.process_time()
        places = _neighbours_kept(components)
        measured: dict[str, Any] = {
            "data": name,
            "images": len(vectors),
            "tsne_cpu_s": round(time.process_time() - began, 1),
            "precision_at_5": {
                "tsne": precision(places, labels),
                "pca": precision(components[:, :2], labels),
                "components": precision(components, labels),
            },
        }
        print(json.dumps(measured | clusters(components, places, labels)), flush=True)


def collections(given: argparse.Namespace) -> Iterator[tuple[str, Array, Array]]:
    """Name, vectors (N, D) of length 1, labels (N,)."""
    import handloom

    embedded = handloom.embed(given.photos, given.encoder)
    yield "photos", embedded.vector.numpy(), np.array(embedded.labels)
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = (digits.data - 8).astype(np.float32)
    yield "digits", pixels / np.linalg.norm(pixels, axis=1, keepdims=True), digits.target


def precision(places: Array, labels: Array, k: int = 5) -> float:
    """The share of the k nearest places that have the label of an image."""
    squares = ((places[:, None] - places[None]) ** 2).sum(2)
    np.fill_diagonal(squares, np.inf)
    nearest = np.argsort(squares, axis=1)[:, :k]
    return round(float((labels[nearest] == labels[:, None]).mean()), 3)


def clusters(components: Array, places: Array, labels: Array) -> dict[str, Any]:
    """Of k-means as the map has it, and of HDBSCAN on components and on places."""
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import normalized_mutual_info_score as information

    made = {"kmeans": _clusters(components)}
    for size in SIZES:
        for what, data in (("components", components), ("map", places)):
            way = HDBSCAN(min_cluster_size=size, copy=True)
            made[f"hdbscan {what} {size}"] = way.fit_predict(data)
    return {
        name: {
            "clusters": int(number.max()) + 1,
            "in_none": round(float((number < 0).mean()), 2),
            "information": round(float(information(labels, number)), 3),
        }
        for name, number in made.items()
    }


if __name__ == "__main__":
    main()
