"""Latents as a cloud of points in three dimensions, rotated with the mouse."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.division.sample import sample_rows
from handloom.metrics.pca import principal_directions
from handloom.reports.charts import COLORS
from handloom.reports.rotating import SCRIPT

MOST = 1_600  # points
NARROWEST = 0.4  # of the widest axis; a narrower one is drawn as if it had this width


class Cloud(NamedTuple):
    """Points, 99 % of them in [-1, 1] on every axis, and what they are.

    label: a class number for each, or None. axes: names, two or three. about: a sentence.
    """

    points: Tensor  # (N, 3)
    label: list[int | None]
    axes: list[str]
    about: str


def cloud_of(latent: Tensor, label: Tensor | None) -> Cloud:
    """Two or three coordinates of latents (N, D): their own, or principal components.

    At most 1,600 points, of every class its share.
    """
    rows = sample_rows(len(latent), MOST, label)
    points, axes, about = _coordinates(latent.float())
    points = points[rows]
    low, high = points.quantile(torch.tensor([0.005, 0.995]), 0)
    reach = ((high - low) / 2).clamp(min=1e-9)
    # A very narrow axis would be a line; it is widened, and stays the narrowest.
    reach = reach.clamp(min=NARROWEST * reach.max())
    points = torch.nn.functional.pad((points - (low + high) / 2) / reach, (0, 3 - points.shape[1]))
    numbers: list[int | None] = [None] * len(rows) if label is None else label[rows].tolist()
    return Cloud(points, numbers, axes, about)


def _coordinates(latent: Tensor) -> tuple[Tensor, list[str], str]:
    """Points (N, 1 to 3), the names of their axes, and a sentence on what they are."""
    dimensions = latent.shape[1]
    if dimensions <= 3:
        names = [f"z{i + 1}" for i in range(dimensions)]
        return latent, names, "The axes are the latent dimensions."
    directions, deviation = principal_directions(latent.T.cov())
    shares = 100 * deviation.square() / deviation.square().sum().clamp(min=1e-12)
    names = [f"component {i + 1} ({shares[i]:.0f} %)" for i in range(3)]
    about = (
        f"The axes are the first three of {dimensions} principal components, which hold "
        f"{shares[:3].sum():.0f} % of the variance."
    )
    return (latent - latent.mean(0)) @ directions[:3].T, names, about


def scatter(cloud: Cloud, classes: Sequence[str]) -> Markup:
    """The cloud as HTML: a canvas with its script and data, or a still image without scripts.

    classes: names; they may hold any text, since the page takes them as data and the browser writes
    them as text.
    """
    data = {
        "points": [[round(v, 3) for v in point] for point in cloud.points.tolist()],
        "label": cloud.label,
        "classes": list(classes) if any(label is not None for label in cloud.label) else [],
        "axes": cloud.axes,
    }
    return Markup(LAYOUT).format(data=_escaped(data), script=Markup(SCRIPT), still=_still(cloud))


LAYOUT = """<style>
#cloud {{ width: 100%; height: min(36rem, 90vw); border: 1px solid var(--line);
  border-radius: .3rem;
  touch-action: none; cursor: grab; display: block }} #cloud:active {{ cursor: grabbing }}
#cloud-legend button {{ font: 600 .95rem system-ui, sans-serif; background: none; border: 0;
  color: inherit;
  padding: .2rem .45rem; cursor: pointer }}
</style>
<canvas id="cloud" tabindex="0" role="img" aria-label="latents of images, by class"></canvas>
<div id="cloud-legend"></div><noscript>{still}</noscript>
<script type="application/json" id="cloud-data">{data}</script><script>{script}</script>"""


def _escaped(data: dict[str, Any]) -> Markup:
    """JSON that cannot close the element around it."""
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, separators=(",", ":"))


def _still(cloud: Cloud) -> Markup:
    """The first two coordinates, for a browser without scripts."""
    dots = Markup("").join(
        Markup('<circle class="dot s{}" cx="{:.2f}" cy="{:.2f}" r="0.012"/>').format(
            (label or 0) % COLORS, x, -y
        )
        for (x, y, _), label in zip(cloud.points.tolist(), cloud.label, strict=True)
    )
    return Markup(
        '<svg viewBox="-1.3 -1.3 2.6 2.6" role="img" aria-label="latents of images">{}</svg>'
    ).format(dots)
