"""What generative runs make: texts and images."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom import waiting
from handloom.cli.commands.outputs import check_out, save_folder, save_image
from handloom.cli.commands.shared import (
    description,
    json_flag,
    opened,
    print_json,
    results,
    run_argument,
    verb_flags,
)
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.results import GeneratedImages, GeneratedText

MOST_ENLARGED = 400  # images; more are shown as small as they are
MOST_ROWS = 24  # classes with a row of their own
SOURCES = {
    "normal": "latents from a standard normal",
    "uniform": "latents from a uniform distribution in [-1, 1]",
    "fitted": "latents from a Gaussian fitted to those of its training images, since a plain "
    "autoencoder has no distribution of its own",
}


def sample(argv: list[str]) -> int:
    """`handloom sample RUN`: texts of a char-rnn, images of the other generative jobs."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        *verb_flags("sample", argv),
        flag("out", Path | None, "an image, a folder for one image each, or a .txt file"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom sample", description("sample", "Generate images or text."))
    from handloom.jobs.results import GeneratedText

    path, out, as_json = given.pop("run"), given.pop("out"), given.pop("json")
    run = opened(path)
    verb = run.job.verb("sample")
    check_out(out, *verb.suffixes, folder=verb.many_files)
    made = run.call("sample", **given)
    if isinstance(made, GeneratedText):
        return _show_text(made, out, as_json)
    return _show_images(run.path, made, out, as_json)


def _show_text(made: "GeneratedText", out: Path | None, as_json: bool) -> int:
    """Print texts as they are written, or write them into a file."""
    if as_json or out is not None:
        texts = made.written()
        if out is not None:
            from handloom.runs.files import write_whole

            write_whole(out, ("\n\n".join(texts) + "\n").encode())
        if as_json:
            print_json({"text": text} for text in texts)
        elif out is not None:
            results().message(f"{out}: {pluralize(len(texts), 'text')}")
        return 0
    from handloom.display.console import printable

    shown = -1
    with waiting.paused():
        for number, character in made.characters:
            if number != shown:
                lead = "" if shown < 0 else "\n\n"
                print(f"{lead}{printable(made.prefix)}", end="", flush=True)
                shown = number
            print(printable(character), end="", flush=sys.stdout.isatty())
        print()
    return 0


def _show_images(run: Path, made: "GeneratedImages", out: Path | None, as_json: bool) -> int:
    """Save one sheet, or single images into a folder, and say what they are."""
    if out is not None and out.is_dir():
        paths = save_folder(out, _file_names(made), made.image)
    else:
        paths = [save_image(run, "grid", out, _sheet(made))]
    if as_json:
        print_json(_records(paths, made))
    else:
        results().message(_summary(paths, made))
    return 0


def _sheet(made: "GeneratedImages") -> "Tensor":
    """All in one: a named row for each class where there are some, else a square."""
    from handloom.data.images.drawing.grid import SMALLEST, grid, sheet

    count = len(made.labels)
    smallest = SMALLEST if count <= MOST_ENLARGED else 1
    if 1 < len(set(made.labels)) <= MOST_ROWS:
        return sheet(made.image, [str(label) for label in made.labels], smallest)
    return grid(made.image, max(8, round(count**0.5)), smallest)


def _file_names(made: "GeneratedImages") -> list[str]:
    """Names of single files; those of a class begin with it."""
    width = len(str(len(made.labels)))
    numbers = [f"{number:0{width}d}" for number in range(1, len(made.labels) + 1)]
    slugs = [re.sub(r"[^\w.]+", "-", label or "").strip("-.")[:60] for label in made.labels]
    return [f"{slug}-{n}" if slug else n for slug, n in zip(slugs, numbers, strict=True)]


def _records(paths: list[Path], made: "GeneratedImages") -> list[dict[str, Any]]:
    """One record a file: "out", "images", "size", "source" (of the latents), "classes"."""
    height, width = made.image.shape[1:3]
    is_single = len(paths) == len(made.labels)
    return [
        {
            "out": str(path),
            "images": 1 if is_single else len(made.labels),
            "size": [height, width],
            "source": made.source,
            "classes": list(
                dict.fromkeys(filter(None, made.labels[i : i + 1] if is_single else made.labels))
            ),
        }
        for i, path in enumerate(paths)
    ]


def _summary(paths: list[Path], made: "GeneratedImages") -> str:
    height, width = made.image.shape[1:3]
    where = str(paths[0]) if len(paths) == 1 else str(paths[0].parent)
    labels = list(dict.fromkeys(filter(None, made.labels)))
    source = SOURCES.get(made.source, "from the given latent")
    return (
        f"{where}: {pluralize(len(made.labels), 'image')}{_of(labels)}, {width}x{height}, {source}"
    )


def _of(labels: list[str]) -> str:
    """Which classes the images are of."""
    if not labels:
        return ""
    classes = "class" if len(labels) == 1 else "classes"
    return f" of {classes} {', '.join(labels[:10])}{' ...' if len(labels) > 10 else ''}"
