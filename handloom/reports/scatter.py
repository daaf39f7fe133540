"""The codes of a run as a cloud of points: in three dimensions, turned with the mouse."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.jobs.generation.walks import principal
from handloom.reports.page import plot
from handloom.reports.turning import SCRIPT

MOST = 1_600  # points
NARROWEST = 0.4  # of the widest direction; those below it are widened by at most its inverse


class Cloud(NamedTuple):
    """Points in [-1, 1], nearly all of them; `label` numbers of classes, or None."""

    points: Tensor  # (N, 3)
    label: list[int | None]
    axes: list[str]  # two or three names
    about: str


def cloud(code: Tensor, label: Tensor | None) -> Cloud:
    """Of codes (N, D) the two or three coordinates to show: their own, or principal components.

    At most 1,600 points, evenly spread over the set.
    """
    rows = torch.arange(min(MOST, len(code))) * len(code) // min(MOST, len(code))
    points, axes, about = _coordinates(code.float())
    points = points[rows]
    low, high = points.quantile(torch.tensor([0.005, 0.995]), 0)
    reach = ((high - low) / 2).clamp(min=1e-9)
    # A narrow direction is widened, so that there is something to see in it, but stays narrow.
    reach = reach.clamp(min=NARROWEST * reach.max())
    points = torch.nn.functional.pad((points - (low + high) / 2) / reach, (0, 3 - points.shape[1]))
    numbers: list[int | None] = [None] * len(rows) if label is None else label[rows].tolist()
    return Cloud(points, numbers, axes, about)


def _coordinates(code: Tensor) -> tuple[Tensor, list[str], str]:
    """Points (N, 1 to 3), the names of their axes, and what they are."""
    latent = code.shape[1]
    if latent <= 3:
        names = [f"z{i + 1}" for i in range(latent)]
        return code, names, f"The {latent} numbers of every code, as they are."
    directions, spread = principal(code.T.cov())
    shares = 100 * spread.square() / spread.square().sum().clamp(min=1e-12)
    names = [f"component {i + 1} ({shares[i]:.0f} %)" for i in range(3)]
    about = (
        f"The three widest of {latent} directions of the codes, which hold "
        f"{shares[:3].sum():.0f} % of their variance."
    )
    return (code - code.mean(0)) @ directions[:3].T, names, about


def scatter(found: Cloud, classes: Sequence[str]) -> Markup:
    """The cloud as HTML: a canvas with its script and data, and a still image without scripts.

    classes: names, which may hold anything; they reach the page as data and are written by the
    browser as text.
    """
    data = {
        "points": [[round(v, 3) for v in point] for point in found.points.tolist()],
        "label": found.label,
        "classes": list(classes) if any(label is not None for label in found.label) else [],
        "axes": found.axes,
    }
    return Markup(LAYOUT).format(
        data=_escaped(data), script=Markup(SCRIPT), still=_still(found, classes)
    )


LAYOUT = """<style>
#cloud {{ width: 100%; height: min(36rem, 90vw); border: 1px solid #ddd; border-radius: .3rem;
  touch-action: none; cursor: grab; display: block }} #cloud:active {{ cursor: grabbing }}
#cloud-legend button {{ font: 600 .95rem system-ui, sans-serif; background: none; border: 0;
  padding: .2rem .45rem; cursor: pointer }}
</style>
<canvas id="cloud" tabindex="0" role="img" aria-label="codes of images, by class"></canvas>
<div id="cloud-legend"></div><noscript>{still}</noscript>
<script type="application/json" id="cloud-data">{data}</script><script>{script}</script>"""


def _escaped(data: dict[str, Any]) -> Markup:
    """JSON that cannot end the element it stands in."""
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, separators=(",", ":"))


def _still(found: Cloud, classes: Sequence[str]) -> Markup:
    """The first two coordinates, coloured by class."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6))
    axes = figure.subplots()
    if found.label[0] is None:
        axes.scatter(found.points[:, 0], found.points[:, 1], s=4)
    for number, name in enumerate(classes if found.label[0] is not None else ()):
        rows = torch.tensor([label == number for label in found.label])
        axes.scatter(found.points[rows, 0], found.points[rows, 1], s=4, label=name)
    axes.set_xlabel(found.axes[0])
    axes.set_ylabel(found.axes[1] if len(found.axes) > 1 else "")
    if 0 < len(classes) <= 20 and found.label[0] is not None:
        axes.legend(frameon=False, markerscale=3, fontsize=8)
    return plot(figure, "codes of images, by class")
