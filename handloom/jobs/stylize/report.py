"""report.html of a painting: photo, paintings, how it came about, the losses, the result."""

import io
from pathlib import Path
from typing import Any

from markupsafe import Markup
from PIL import Image

from handloom.jobs.stylize.build import Images
from handloom.reports.page import Section, image, page, plot, table
from handloom.runs.directory import RunDirectory


def write_report(run: RunDirectory, images: Images) -> None:
    """Make report.html of a finished painting."""
    config, lines, status = run.config(), run.metrics(), run.status()
    result = _opened(run.path / "result.png")
    sections = [
        Section("Result", "", _shown(result, "result", 1000)),
        Section("Photo and paintings", _share_text(config), _sources(images)),
        Section("Losses", LOSSES, plot(_curves(lines, config), "losses over evaluations")),
    ]
    frames = _frames(run.path)
    if frames:
        body = Markup(" ").join(_shown(_opened(f), f.stem, 220) for f in frames)
        sections.insert(1, Section("Steps", "From the start to the end.", body))
    sections.append(Section("How it was made", "", _sizes(config)))
    text = page(f"{Path(config['data']).name} painted", _facts(config, lines, status), sections)
    (run.path / "report.html").write_text(text, encoding="utf-8")


LOSSES = (
    "Content is the distance of the features from the photo's, style that of their correlations "
    "from the paintings'. Dotted lines are changes to a larger size, at which both are measured "
    "anew."
)


def _facts(
    config: dict[str, Any], lines: list[dict[str, Any]], status: dict[str, Any]
) -> dict[str, Any]:
    options, last = config["options"], lines[-1]
    height, width = config["preprocessing"]["size"]
    return {
        "painted by": config["network"]["title"],
        "size": f"{width} x {height} pixels",
        "optimizer": config["resolved"]["plans"][-1]["optimizer"],
        "style weight": f"{options['style_weight']:g}",
        "content weight": f"{options['content_weight']:g}",
        "colours": options["colors"],
        "precision": config["resolved"]["precision"],
        "content, style at the end": f"{last['train/content']:.4g}, {last['train/style']:.4g}",
        "seconds": f"{status['seconds']:.1f}",
    }


def _share_text(config: dict[str, Any]) -> str:
    weights = config["options"]["style_weights"]
    return f"Paintings by weight: {weights}." if weights else ""


def _sources(images: Images) -> Markup:
    found = [images.photo, *images.styles, *images.masks]
    return Markup(" ").join(_shown(o.image, o.path.name, 300) for o in found)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as pil_image:
        return pil_image.convert("RGB")


def _shown(pil_image: Image.Image, alt: str, side: int) -> Markup:
    small = pil_image.convert("RGB")
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return image(buffer.getvalue(), alt)


def _frames(path: Path, most: int = 8) -> list[Path]:
    found = sorted((path / "samples").glob("*.jpg"))
    if len(found) <= most:
        return found
    return [found[round(i * (len(found) - 1) / (most - 1))] for i in range(most)]


def _curves(lines: list[dict[str, Any]], config: dict[str, Any]) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3))
    figure.subplots_adjust(wspace=0.35)
    steps = [line["step"] for line in lines]
    for place, name in enumerate(("content", "style"), 1):
        axes = figure.add_subplot(1, 2, place)
        axes.semilogy(steps, [max(line[f"train/{name}"], 1e-12) for line in lines])
        axes.set_title(name)
        axes.set_xlabel("evaluations")
        done = 0
        for stage in config["stages"][:-1]:
            done += stage["iterations"]
            axes.axvline(done, color="grey", linestyle=":", linewidth=1)
    return figure


def _sizes(config: dict[str, Any]) -> Markup:
    rows = [
        [
            f"{stage['width']} x {stage['height']}",
            stage["iterations"],
            f"{plan['tile']} with a margin of {plan['margin']}" if plan["tile"] else "whole",
            plan["optimizer"],
            plan["history"] or "",
        ]
        for stage, plan in zip(config["stages"], config["resolved"]["plans"], strict=True)
    ]
    return table(["size", "evaluations", "tiles", "optimizer", "history"], rows)
