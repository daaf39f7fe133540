"""How recognisable a photo stays, by --strength.

usage: python -m benchmarks.style_balance DATA [--images FOLDER] [--strengths S ...]
           [--size 512]

DATA: a folder with pictures/ and weights/vgg19_16x/. --images: where images are written. Prints a
JSON line an image and a markdown table: the correlation of gradient magnitudes of result and photo,
both blurred by 2 pixels first, for two photos and three paintings.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.arguments import parser_of
from benchmarks.style_ways import image, stages
from handloom.data.images.photo import to_image
from handloom.engine.loop import Fit
from handloom.jobs.stylize.colors import luminance
from handloom.jobs.stylize.transfer import result

DEVIATION = 2.0  # pixels
PHOTOS, PAINTINGS = ("tubingen", "golden_gate"), ("starry_night", "the_scream", "shipwreck")
STRENGTHS = (0.25, 0.5, 0.75, 1.0)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=Path, metavar="FOLDER")
    parser.add_argument("--strengths", type=float, nargs="+", default=list(STRENGTHS))
    parser.add_argument("--size", type=int, default=512, help="pixels")
    given = parser.parse_args()
    pairs = [(photo, painting) for photo in PHOTOS for painting in PAINTINGS]
    table: dict[tuple[str, str], list[str]] = {pair: [] for pair in pairs}
    for strength in given.strengths:
        for photo, painting in pairs:
            record = _measured(given, photo, painting, strength)
            table[photo, painting].append(f"{record['correlation']:.2f}")
            print(json.dumps(record), flush=True)
    print(f"\n| photo, painting | {' | '.join(f'{s:g}' for s in given.strengths)} |")
    print(f"|---|{'---|' * len(given.strengths)}")
    for (photo, painting), cells in table.items():
        print(f"| {photo}, {painting} | {' | '.join(cells)} |")


def _measured(
    given: argparse.Namespace, photo: str, painting: str, strength: float
) -> dict[str, str | float]:
    torch.manual_seed(0)
    options = dict(size=given.size, strength=strength)
    for experiment, _ in stages(given.data, options, painting, photo):
        Fit(experiment).run()
    pixels = result(experiment.networks["image"])
    if given.images is not None:
        to_image(pixels).save(given.images / f"{photo}-{painting}-{strength:g}.png")
    with torch.no_grad():
        logs = experiment.objective.metrics({"image": pixels})
    original = image(given.data, photo, given.size)
    steps = [_steps(_blurred(luminance(x))) for x in (pixels, original)]
    blurred = [_blurred(_steps(luminance(x))) for x in (pixels, original)]
    return {
        "photo": photo,
        "painting": painting,
        "strength": strength,
        "correlation": _correlation(*steps),
        "correlation_blurred_after": _correlation(*blurred),  # steps first, then blurred
        "style": logs["style"].item(),
        "content": logs["content"].item(),
    }


def _steps(grey: Tensor) -> Tensor:
    """Gradient magnitude by central differences, (1, 1, H - 2, W - 2)."""
    down = grey[:, :, 2:, 1:-1] - grey[:, :, :-2, 1:-1]
    across = grey[:, :, 1:-1, 2:] - grey[:, :, 1:-1, :-2]
    return (down.square() + across.square()).sqrt()


def _blurred(grey: Tensor) -> Tensor:
    reach = int(4 * DEVIATION)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / DEVIATION).square())
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    wide = F.pad(grey, (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(wide, kernel), kernel.transpose(2, 3))


def _correlation(a: Tensor, b: Tensor) -> float:
    return torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1].item()


if __name__ == "__main__":
    main()
