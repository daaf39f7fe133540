"""Accuracy on the movie reviews (rt_polarity), 10 % for the test, over several seeds.

usage: HANDLOOM_DATA=DATA python benchmarks/reviews.py [--network lstm cnn bag] [--seeds 0 1 2 3 4]

Word vectors: the 50-dimensional GloVe file or excerpt below DATA/glove. Every seed draws its own
split, stratified. Prints a JSON line a run, then mean and standard deviation of each network.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import torch

import handloom

NETWORKS = ("lstm", "cnn", "bag")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", nargs="*", default=list(NETWORKS))
    parser.add_argument("--seeds", nargs="*", type=int, default=list(range(5)))
    given = parser.parse_args()
    rivals = [rival(seed) for seed in given.seeds]
    print(f"| TF-IDF, logistic regression | {statistics.mean(rivals):.2f} % | n = {len(rivals)} |")
    vectors = next(Path(os.environ["HANDLOOM_DATA"], "glove").glob("glove.6B.50d*.txt"))
    for network in given.network:
        found = [one(network, seed, str(vectors)) for seed in given.seeds]
        spread = statistics.stdev(found) if len(found) > 1 else 0.0
        print(f"| {network} | {statistics.mean(found):.2f} ± {spread:.2f} % | n = {len(found)} |")


def rival(seed: int) -> float:
    """Ten plain lines on the same splits: TF-IDF of words and pairs, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from handloom.data.text.texts import Cut, load_texts

    found = load_texts("rt-polarity", Cut(0.1, 0.1, seed))
    assert found.test is not None
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=4)
    )
    model.fit(found.train.text, found.train.label)
    return 100 * float(model.score(found.test.text, found.test.label))


def one(network: str, seed: int, vectors: str) -> float:
    """Accuracy on the test split, in percent."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run = handloom.train("text-classifier", "rt-polarity", out=Path(folder) / "run",
                             quiet=True, network=network, vectors=vectors, seed=seed)  # fmt: skip
        minutes = (time.perf_counter() - began) / 60
        found = run.evaluate()
    record = {
        "network": network,
        "seed": seed,
        "accuracy": found["accuracy"],
        "calibration": found["calibration"],
        "texts": found["texts"],
        "minutes": round(minutes, 2),
        "threads": torch.get_num_threads(),
        "machine": f"{platform.machine()}, {platform.system()}",
    }
    print(json.dumps(record), flush=True)
    return 100 * float(found["accuracy"])


if __name__ == "__main__":
    main()
