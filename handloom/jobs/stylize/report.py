"""The page of a style transfer: result, steps, photo and paintings, losses, sizes."""

import io
import shlex
from pathlib import Path

from markupsafe import Markup
from PIL import Image

from handloom.config import check
from handloom.errors import UserError
from handloom.jobs.loading import Loaded
from handloom.jobs.pages import duration, flags, page
from handloom.jobs.stylize.config import NOT_TYPED, Config
from handloom.jobs.stylize.images import open_images
from handloom.jobs.stylize.records import TERMS, Record
from handloom.jobs.training.places import locate_data
from handloom.reports.charts import Axis, Series, beside, chart
from handloom.reports.page import Facts, Page, Section, image, table
from handloom.runs.records import Metrics, RunStatus
from handloom.wording import join_and


def report(run: Loaded[Record]) -> str:
    """The page of a finished run, as HTML. Raises UserError before the image is painted."""
    config, lines = run.config, run.directory.metrics()
    if not (run.directory.path / "result.png").is_file():
        raise UserError(
            f"{run.directory.path} is not finished, and its page shows what was painted: resume it"
        )
    result = _opened(run.directory.path / "result.png")
    sections = [
        Section("Result", "", _thumbnail(result, "result", 1000)),
        Section("Photo and paintings", _share_text(config), _sources(run), "Photo"),
        Section("Losses", LOSSES, _curves(lines, config)),
        Section("Sizes", "", _sizes(config)),
    ]
    frames = _frames(run.directory.path)
    if frames:
        body = Markup(" ").join(_thumbnail(_opened(f), f.stem, 220) for f in frames)
        sections.insert(1, Section("Steps", "From the start to the end.", body))
    made = Page(
        lead=[_painted(config), _took(lines, run.directory.status())],
        sections=sections,
        facts=_facts(config),
        repeat=[_command(run), f"handloom report {shlex.quote(str(run.directory.path))}"],
    )
    return page(run, made)


def _painted(config: Record) -> str:
    paintings = join_and([Path(painting).stem for painting in config["options"]["paintings"]])
    height, width = config["preprocessing"]["size"]
    return (
        f"{Path(config['data']).name} with the look of {paintings}, {width} x {height} pixels, by "
        f"features of {config['network']['title']}."
    )


def _took(lines: list[Metrics], status: RunStatus) -> str:
    last = lines[-1]
    return (
        f"It took {duration(status['seconds'])}; in the end the content differs from the photo's "
        f"by {last['train/content']:.3g} and the style from that of the paintings by "
        f"{last['train/style']:.3g}."
    )


def _command(run: Loaded[Record]) -> str:
    """The command that paints it again, every option that it uses written out."""
    options = run.config["options"]
    words = ["handloom", "stylize", run.config["data"], *options["paintings"]]
    words += ["--out", options["out"]]
    words += ["--frames", options["frames"]] if options["frames"] is not None else []
    return shlex.join([*words, *flags(run, Config, NOT_TYPED)])


LOSSES = (
    "Content is the distance of the features from the photo's, style that of their correlations "
    "from the paintings', structure that of the edges from the photo's, and smoothness the mean "
    "squared step between neighbouring pixels. The loss is their sum, each times its weight. "
    "Dashed lines are changes to a larger size, at which all are measured anew."
)


def _facts(config: Record) -> Facts:
    options = config["options"]
    return {
        "optimizer": config["sizes"][-1]["plan"]["optimizer"],
        "strength": "" if options["strength"] is None else f"{options['strength']:g}",
        "style weight": f"{options['style_weight']:g}",
        "structure weight": f"{options['structure']:g}",
        "smoothness weight": f"{options['smoothness']:g}",
        "content weight": f"{options['content_weight']:g}",
        "colours": options["colors"],
        "precision": options["precision"],
    }


def _share_text(config: Record) -> str:
    weights = config["options"]["style_weights"]
    return f"Paintings by weight: {weights}." if weights else ""


def _sources(run: Loaded[Record]) -> Markup:
    photo = Path(locate_data(run.directory, run.config))
    images = open_images(check(Config, run.recorded), photo)
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


def _curves(lines: list[Metrics], config: Record) -> Markup:
    changes, done = [], 0
    for size in config["sizes"][:-1]:
        done += size["iterations"]
        changes.append(done)
    return beside(
        [
            chart(
                name,
                [Series("", [(line["step"], line[f"train/{name}"]) for line in lines])],
                Axis("evaluations"),
                Axis("", is_log=True),
                rules=changes,
            )
            for name in TERMS
            if f"train/{name}" in lines[0]
        ]
    )


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
