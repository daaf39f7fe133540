"""What trained autoencoders and VAEs are worth on MNIST's test images.

usage: HANDLOOM_DATA=DATA python -m benchmarks.autoencoder_quality RUNS [--only NAME ...] [--k 5000]
           [--images 10000]

Trains what is not yet in the folder RUNS and evaluates all of it, a JSON line a run. The
importance-weighted bound of a VAE has k samples, over --images of the test images, every class
its share.
"""

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine

TUTORIAL: dict[str, Any] = {"preset": "tutorial"}
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "autoencoder-dense-tutorial": ("autoencoder", TUTORIAL | {"network": "dense"}),
    "autoencoder-conv-tutorial": ("autoencoder", TUTORIAL | {"network": "conv"}),
    "autoencoder-default-3": ("autoencoder", {"latent_dim": 3}),
    "autoencoder-default-32": ("autoencoder", {"latent_dim": 32}),
    "autoencoder-default": ("autoencoder", {}),
    "vae-tutorial": ("vae", TUTORIAL),
    "vae-784-400-20": (
        "vae",
        TUTORIAL | {"likelihood": "bernoulli", "binarize": "dynamic"},
    ),
    "vae-default": ("vae", {}),
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--k", type=int, default=5000)
    parser.add_argument("--images", type=int, default=10_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in options.only:
        print(json.dumps(quality(name, options)), flush=True)


def quality(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One row of the table; trained first if it is not there."""
    job, chosen = RUNS[name]
    path = options.folder / name
    if not (path / "config.json").exists():
        handloom.train(job, "mnist", out=path, quiet=True, **chosen)
    run = handloom.open(path)
    if not run.finished:
        handloom.resume(path, quiet=True)
        run = handloom.open(path)
    evaluation = dict(run.evaluation or {})
    if job == "vae":
        evaluation |= bound_of(run, options.k, options.images)
    last, environment = run.metrics[-1], run.config["environment"]
    return {
        "run": name,
        **{k: v for k, v in evaluation.items() if k not in ("data", "classes")},
        "epochs": last["epoch"],
        "minutes": round(last["seconds"] / 60, 2),
        "threads": environment["threads"],
        "precision": environment["precision"],
        "seed": run.config["options"]["seed"],
        "machine": machine(),
    }


def bound_of(run: Any, k: int, images: int) -> dict[str, Any]:
    """Minus the importance-weighted bound with k samples, nats, over a sample of test images."""
    from handloom.jobs.generation.evaluation import evaluated
    from handloom.jobs.vae.bounds import bounds

    test = evaluated(run.loaded, None).images
    part = test.sample(images)
    began = time.perf_counter()
    nats = -bounds(run.loaded, part, k).importance
    return {
        "bound": round(nats.mean().item(), 3),
        "standard_error": round((nats.std() / len(nats) ** 0.5).item(), 3),
        "k": k,
        "bound_images": len(part),
        "bound_seconds": round(time.perf_counter() - began),
    }


if __name__ == "__main__":
    main()
