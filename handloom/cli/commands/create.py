"""What generative runs make: texts and images."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.saving import FORMATS, check_out, save_folder, save_image
from handloom.cli.commands.shared import json_flag, print_json, run_argument
from handloom.errors import UserError
from handloom.wording import pluralize, with_article

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.api import DrawingRun, WritingRun
    from handloom.cli.parser import Flag
    from handloom.jobs.generation.verbs import Drawn

MOST_ENLARGED = 400  # images; more are shown as small as they are
MOST_ROWS = 24  # classes with a row of their own
PRIORS = {
    "normal": "drawn from a standard normal",
    "uniform": "drawn from a uniform distribution in [-1, 1]",
    "fitted": "drawn from a Gaussian fitted to the codes of its training images, since a plain "
    "autoencoder has no distribution of its own",
}


def sample(argv: list[str]) -> int:
    """`handloom sample RUN`: texts of a char-rnn, images of the other generative jobs."""
    from handloom.cli.parser import parse

    texts, images = _writing_flags(), _drawing_flags()
    job = _job(argv)
    about = "Write text with a char-rnn run, or draw images with an autoencoder, a vae or a gan."
    if job == "char-rnn":
        flags, about = _only(texts, images, argv, job), "Write text."
    elif job is not None:
        flags, about = _only(images, texts, argv, job), "Draw images."
    else:
        flags = list({one.name: one for one in (*texts, *images)}.values())
    given = parse([run_argument(), *flags, json_flag()], argv, "handloom sample", about)
    import handloom
    from handloom.jobs.verbs import find

    run, as_json = handloom.open(given.pop("run")), given.pop("json")
    find(run.config["job"], "sample")
    if isinstance(run, handloom.WritingRun):
        return _write(run, given, as_json)
    assert isinstance(run, handloom.DrawingRun)
    return _draw(run, given, as_json)


def _writing_flags() -> "list[Flag]":
    from handloom.cli.parser import flag

    return [
        flag("prefix", str, "what the text begins with", ""),
        flag("length", int, "characters to write", 200),
        flag("count", int, "texts to write", 1),
        flag("temperature", float, "0 is greedy, 1 the model's own distribution", 0.8),
        flag("top_k", int | None, "choose among the k likeliest characters only"),
        flag("top_p", float | None, "choose among the likeliest that together reach p"),
        flag("seed", int, "same seed, same text", 0),
    ]


def _drawing_flags() -> "list[Flag]":
    from handloom.cli.parser import flag

    return [
        flag("count", int | None, "images to draw; 64 by default"),
        flag("out", Path | None, "an image's name, or a folder for single ones"),
        flag("label", str | None, "the class to draw, of a conditional run", spelled="class"),
        flag("truncation", float | None, "above 0, up to 1: smaller is likelier and more alike"),
        flag("code", str | None, "draw this one code instead: numbers with commas between them"),
        flag("seed", int, "same seed, same images", 0),
    ]


def _job(argv: list[str]) -> str | None:
    """The job of the run that is typed, before anything else is understood; None without a run."""
    from handloom.runs.directory import RunDirectory

    for before, word in zip(["", *argv], argv):
        is_value = before.startswith("--") and "=" not in before and before != "--json"
        if not is_value and not word.startswith("-") and (Path(word) / "config.json").is_file():
            return str(RunDirectory.open(word).config().get("job"))
    return None


def _only(own: "list[Flag]", others: "list[Flag]", argv: list[str], job: str) -> "list[Flag]":
    """The flags of this job; a flag of the other kind is refused."""
    spelled = [f"--{one.spelled}".replace("_", "-") for one in own]
    strange = {f"--{one.spelled}".replace("_", "-") for one in others} - set(spelled)
    for word in argv:
        name = word.partition("=")[0].replace("_", "-")
        if name in strange:
            raise UserError(
                f"{name} is not for {with_article(job)}, which takes {', '.join(spelled)}"
            )
    return own


def _write(run: "WritingRun", given: dict[str, Any], as_json: bool) -> int:
    if as_json:
        print_json({"text": text} for text in run.sample(**given))
        return 0
    shown = -1
    for number, character in run.stream(**given):
        if number != shown:
            lead = "" if shown < 0 else "\n\n"
            print(f"{lead}{given['prefix']}", end="", flush=True)
            shown = number
        print(character, end="", flush=sys.stdout.isatty())
    print()
    return 0


def _draw(run: "DrawingRun", given: dict[str, Any], as_json: bool) -> int:
    from handloom.jobs.generation.verbs import sample as draw

    out = given["out"]
    check_out(out, *FORMATS, folder=True)
    code = None if given["code"] is None else _numbers(given["code"])
    if code is not None and (given["count"], given["truncation"]) != (None, None):
        raise UserError("--code names the image: leave out --count and --truncation")
    count, truncation = given["count"], given["truncation"]
    drawn = draw(
        run.loaded,
        64 if count is None else count,
        given["label"],
        1.0 if truncation is None else truncation,
        given["seed"],
        code,
    )
    if out is not None and out.is_dir():
        paths = save_folder(out, _names(drawn), drawn.pixels)
    else:
        paths = [save_image(run.path, "grid", out, _sheet(drawn))]
    prior = run.config["prior"] if code is None else "code"
    if as_json:
        print_json(_records(paths, drawn, prior))
    else:
        print(_told(paths, drawn, prior))
    return 0


def _numbers(typed: str) -> list[float]:
    words = [word for word in re.split(r"[,\s]+", typed.strip()) if word]
    try:
        return [float(word) for word in words]
    except ValueError:
        raise UserError(
            f"--code {typed}: must be numbers with commas between them, as in 1.79,3.36"
        ) from None


def _sheet(drawn: "Drawn") -> "Tensor":
    """All in one: a named row for each class where there are some, else a square."""
    from handloom.data.images.grid import SMALLEST, grid, sheet

    count = len(drawn.labels)
    smallest = SMALLEST if count <= MOST_ENLARGED else 1
    if 1 < len(set(drawn.labels)) <= MOST_ROWS:
        return sheet(drawn.pixels, [str(label) for label in drawn.labels], smallest)
    return grid(drawn.pixels, max(8, round(count**0.5)), smallest)


def _names(drawn: "Drawn") -> list[str]:
    """Names of single files; those of a class begin with it."""
    width = len(str(len(drawn.labels)))
    numbers = [f"{number:0{width}d}" for number in range(1, len(drawn.labels) + 1)]
    slugs = [re.sub(r"[^\w.]+", "-", label or "").strip("-.")[:60] for label in drawn.labels]
    return [f"{slug}-{n}" if slug else n for slug, n in zip(slugs, numbers, strict=True)]


def _records(paths: list[Path], drawn: "Drawn", prior: str) -> list[dict[str, Any]]:
    """One record a file: "out", "images", "size", "prior" ("code" for a given one), "classes"."""
    height, width = drawn.pixels.shape[1:3]
    single = len(paths) == len(drawn.labels)
    return [
        {"out": str(path), "images": 1 if single else len(drawn.labels), "size": [height, width],
         "prior": prior,
         "classes": list(dict.fromkeys(filter(None, drawn.labels[i : i + 1] if single
                                              else drawn.labels)))}
        for i, path in enumerate(paths)
    ]  # fmt: skip


def _told(paths: list[Path], drawn: "Drawn", prior: str) -> str:
    height, width = drawn.pixels.shape[1:3]
    where = str(paths[0]) if len(paths) == 1 else str(paths[0].parent)
    how = PRIORS.get(prior, "drawn from the code that was given")
    named = set(filter(None, drawn.labels))
    classes = ", classes in turn" if len(named) > 1 else "".join(f" of class {n}" for n in named)
    return f"{where}: {pluralize(len(drawn.labels), 'image')} of {width}x{height}{classes}, {how}"
