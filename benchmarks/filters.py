"""Kernels recovered from photos: what is learned from an image before and after, and how exactly.

python -m benchmarks.filters PHOTOS [--count 10]      a table, a line a kernel
python -m benchmarks.filters --image docs/images/filter.jpg      the image of docs/guide/filter.md

PHOTOS is a folder, such as $HANDLOOM_DATA/photos/clothing; the first photos by name are taken.
Every photo is filtered, once into numbers (.npy) and once into pixels of 8 bits (.png), and
`train filter` learns the kernel from both files.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

import torch
from PIL import Image

import handloom
from benchmarks.arguments import parser_of
from handloom.jobs.filter.kernels import NAMED, written

KERNELS = ("sobel-x", "blur", "sharpen")


def learned(photo: Path, target: Path, out: Path, **options: Any) -> tuple[torch.Tensor, Any]:
    """The kernel that was learned, and its evaluation."""
    run = handloom.train("filter", photo, target=str(target), out=out, quiet=True, **options)
    assert run.evaluation is not None
    return torch.tensor(run.evaluation["kernel"]), run.evaluation


def table(photos: list[Path]) -> None:
    """Largest error of a weight, and the residual: median and worst over the photos."""
    print("| kernel | target | largest error of a weight | residual, median | photos |")
    print("| --- | --- | --- | --- | --- |")
    for name in KERNELS:
        for suffix in (".npy", ".png"):
            errors, residuals = [], []
            for photo in photos:
                with tempfile.TemporaryDirectory() as folder:
                    after = Path(folder) / f"after{suffix}"
                    handloom.filter(photo, name, after)
                    # Edges on grey: a weight is recovered up to the scale that was shown.
                    is_grey = name == "sobel-x" and suffix == ".png"
                    kernel, evaluation = learned(photo, after, Path(folder) / "run", bias=is_grey)
                wanted = written(NAMED[name])[0, 0]
                if is_grey:
                    kernel = kernel * wanted.abs().max() / kernel.abs().max()
                errors.append((kernel - wanted).abs().max().item())
                residuals.append(evaluation["residual"])
            shown = f"{statistics.median(errors):.2g} (worst {max(errors):.2g})"
            print(f"| {name} | {suffix} | {shown} | {statistics.median(residuals):.2g} "
                  f"| {len(photos)} |")  # fmt: skip


def image(place: Path) -> None:
    """A photo, blurred, sharpened, and its edges, beside each other."""
    from sklearn.datasets import load_sample_image

    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.png"
        Image.fromarray(load_sample_image("china.jpg")).resize((320, 213)).save(photo)
        shown = [photo]
        for name in ("gaussian", "sharpen", "sobel-x"):
            out = Path(folder) / f"{name}.png"
            handloom.filter(photo, name, out)
            shown.append(out)
        strip = Image.new("RGB", (4 * 320 + 3 * 8, 213), "white")
        for i, path in enumerate(shown):
            with Image.open(path) as part:
                strip.paste(part.convert("RGB"), (i * 328, 0))
    strip.save(place, quality=88)


def main() -> None:
    """Print the table, or make the image."""
    parser = parser_of(__doc__)
    parser.add_argument("photos", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--image", type=Path)
    given = parser.parse_args()
    if given.image is None and given.photos is None:
        parser.error("name a folder of photos, or an image with --image")
    if given.image is not None:
        image(given.image)
    if given.photos is not None:
        table(sorted(given.photos.rglob("*.jpg"))[: given.count])


if __name__ == "__main__":
    main()
