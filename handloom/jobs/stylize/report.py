"""The page of a style transfer: result, steps, photo and paintings, losses, sizes."""

import io
from pathlib import Path
from typing import Any

from markupsafe import Markup
from PIL import Image

from handloom.config import check
from handloom.jobs.loading import Loaded
from handloom.jobs.places import locate_data
from handloom.jobs.stage import Record
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.images import open_images
from handloom.reports.page import Section, image, page, plot, table


def report(run: Loaded) -> str:
    """The page of a finished run, as HTML."""
    config, lines = run.config, run.directory.metrics()
    result = _opened(run.directory.path / "result.png")
    sections = [
        Section("Result", "", _thumbnail(result, "result", 1000)),
        Section("Photo and paintings", _share_text(config), _sources(run)),
        Section("Losses", LOSSES, plot(_curves(lines, config), "losses over evaluations")),
    ]
    frames = _frames(run.directory.path)
    if frames:
        body = Markup(" ").join(_thumbnail(_opened(f), f.stem, 220) for f in frames)
        sections.insert(1, Section("Steps", "From the start to the end.", body))
    sections.append(Section("Sizes", "", _sizes(config)))
    facts = _facts(config, lines, run.directory.status())
    return page(f"{Path(config['data']).name} stylized", facts, sections)


LOSSES = (
    "Content is the distance of the features from the photo's, style that of their correlations "
    "from the paintings'. Dotted lines are changes to a larger size, at which both are measured "
    "anew."
)


def _facts(config: Record, lines: list[Record], status: Record) -> Record:
    options, last = config["options"], lines[-1]
    height, width = config["preprocessing"]["size"]
    return {
        "features of": config["network"]["title"],
        "size": f"{width} x {height} pixels",
        "optimizer": config["sizes"][-1]["plan"]["optimizer"],
        "strength": "" if options["strength"] is None else f"{options['strength']:g}",
        "style weight": f"{options['style_weight']:g}",
        "structure weight": f"{options['structure']:g}",
        "content weight": f"{options['content_weight']:g}",
        "colours": options["colors"],
        "precision": options["precision"],
        "content, style at the end": f"{last['train/content']:.4g}, {last['train/style']:.4g}",
        "seconds": f"{status['seconds']:.1f}",
    }


def _share_text(config: Record) -> str:
    weights = config["options"]["style_weights"]
    return f"Paintings by weight: {weights}." if weights else ""


def _sources(run: Loaded) -> Markup:
    photo = Path(locate_data(run.directory, run.config))
    images = open_images(check(Config, run.config["options"]), photo)
    opened = [images.photo, *images.paintings, *images.masks]
    return Markup(" ").join(_thumbnail(o.image, o.path.name, 300) for o in opened)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as pil_image:
        return pil_image.convert("RGB")


def _thumbnail(pil_image: Image.Image, alt: str, side: int) -> Markup:
    small = pil_image.convert("RGB")
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return image(buffer.getvalue(), alt)


def _frames(path: Path, most: int = 8) -> list[Path]:
    frames = sorted((path / "samples").glob("*.jpg"))
    if len(frames) <= most:
        return frames
    return [frames[round(i * (len(frames) - 1) / (most - 1))] for i in range(most)]


def _curves(lines: list[Record], config: Record) -> Any:
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
        for size in config["sizes"][:-1]:
            done += size["iterations"]
            axes.axvline(done, color="grey", linestyle=":", linewidth=1)
    return figure


def _sizes(config: Record) -> Markup:
    rows = []
    for size in config["sizes"]:
        plan = size["plan"]
        tiles = f"{plan['tile']} with a margin of {plan['margin']}" if plan["tile"] else "whole"
        rows.append(
            [
                f"{size['width']} x {size['height']}",
                size["iterations"],
                tiles,
                plan["optimizer"],
                plan["history"] or "",
            ]
        )
    return table(["size", "evaluations", "tiles", "optimizer", "history"], rows)
