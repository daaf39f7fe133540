"""The image in the README: what generative runs on MNIST generate, and the latents of one.

    HANDLOOM_DATA=DATA python -m benchmarks.images [--runs FOLDER] [--out docs/images/generate.png]

writes samples of the default GAN, the manifold of a dense VAE of two
latents, and the three latents of the tutorial's autoencoder. Nothing is picked: seed 0,
truncation 1. Runs that are in FOLDER already are used as they are.
"""

import io
from pathlib import Path
from typing import Any

import torch
from PIL import Image

import handloom
from benchmarks.arguments import parser_of
from handloom.data.images.drawing.grid import grid, image_of
from handloom.reports.scatter import cloud_of

OUT = Path(__file__).parents[1] / "docs" / "images" / "generate.png"
SIDE, GAP = 312, 12
COLOURS = ["#1f77b4", "#e6550d", "#2ca02c", "#d62728", "#7b4fb5", "#8c564b", "#d6559f", "#636363",
           "#a68a00", "#0f9aa8"]  # fmt: skip


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    pair = run(given.runs / "image-gan", "gan", epochs=6)
    flat = run(given.runs / "image-flat", "vae", epochs=20, importance_samples=10,
               network="dense", latent_dim=2)  # fmt: skip
    autoencoder = run(given.runs / "autoencoder", "autoencoder", epochs=20,
                network="dense", preset="tutorial")  # fmt: skip
    panels = [
        image_of(grid(pair.sample(100), 10, smallest=28, gap=1)),
        image_of(grid(flat.manifold(15), 15, smallest=28, gap=0)),
        latents(autoencoder),
    ]
    whole = Image.new("RGB", (3 * SIDE + 2 * GAP, SIDE), "white")
    for place, panel in enumerate(panels):
        fitted = panel.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        whole.paste(fitted, (place * (SIDE + GAP), 0))
    given.out.parent.mkdir(exist_ok=True)
    whole.quantize(256, Image.Quantize.FASTOCTREE).save(given.out, optimize=True)
    print(f"{given.out}: {given.out.stat().st_size:,} bytes")


def run(path: Path, job: str, **options: Any) -> handloom.GenerativeRun:
    if not (path / "config.json").exists():
        handloom.train(job, "mnist", out=path, **options)
    opened = handloom.open(path)
    assert isinstance(opened, handloom.GenerativeRun)
    return opened


def latents(run: handloom.GenerativeRun) -> Image.Image:
    """Digits in three dimensions, drawn as their labels."""
    from matplotlib.figure import Figure

    reference = run.loaded.directory.reference()
    assert reference is not None
    cloud = cloud_of(reference["latent"], reference["label"])
    figure = Figure(figsize=(4, 4), dpi=2 * SIDE / 4)
    axes: Any = figure.add_axes((0, 0, 1, 1), projection="3d")
    for point, label in list(zip(cloud.points.tolist(), cloud.label))[:900]:
        if max(map(abs, point)) <= 1 and label is not None:
            axes.text(*point, str(label), color=COLOURS[label], fontsize=8, weight="bold")
    axes.set(xlim=(-0.95, 0.95), ylim=(-0.95, 0.95), zlim=(-0.95, 0.95))
    axes.set_axis_off()
    axes.view_init(20, 60)
    axes.set_box_aspect(None, zoom=1.5)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Image.open(buffer)


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
