"""Look at data and at runs."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from handloom.cli.commands.shared import json_flag, print_json, results
from handloom.errors import UserError

KIND = (
    "images, texts (labelled), corpus (running text), or captions (images with captions, as clip "
    "reads them); by default one of the first three, as the data look"
)
SHEET = ("out", "size", "root", "image_column", "label_column")
TABLE = ("splits", "unclear_labels", "strict")
TAKES = {
    "images": (*SHEET, *TABLE),
    "texts": ("text_column", "target_column", "encoding", *TABLE),
    "corpus": ("encoding",),
    "captions": ("root", "image_column", "label_column", "text_column", "template", *TABLE),
}


def show(argv: list[str]) -> int:
    """`handloom show DATA`."""
    from handloom.cli.parser import config_flags, flag, parse, positional
    from handloom.jobs.images.data import ImageReadingOptions

    flags = [
        positional("data", str, "a name, a folder, a table or a text"),
        flag("kind", Literal["images", "texts", "corpus", "captions"] | None, KIND),
        flag("out", Path | None, "contact sheet to write, of images"),
        flag("size", int | None, "side of an image in the sheet, in pixels"),
        *config_flags(ImageReadingOptions),
        flag("text_column", str | None, "column of a table that holds the texts, or the captions"),
        flag("template", str | None, "captions made of class names, as of 'train clip'"),
        flag("target_column", str | None, "column of a table that holds the classes of texts"),
        flag("encoding", str | None, "encoding of texts, such as gb18030"),
        json_flag(),
    ]
    given = parse(
        flags, argv, "handloom show", "Show what a data set holds, and what is broken in it."
    )
    contents = _contents(given)
    if given["json"]:
        print_json([contents])
        return 0
    from handloom.display.captions import show_captions
    from handloom.display.data import show_corpus, show_data, show_texts

    if contents["kind"] == "images":
        show_data(results(), contents, given["out"])
    else:
        shown = {"texts": show_texts, "corpus": show_corpus, "captions": show_captions}
        shown[contents["kind"]](results(), contents)
    return 0


def _contents(given: Mapping[str, Any]) -> dict[str, Any]:
    """What data hold, as the kind given, or as the first of those that they may be."""
    from handloom.data.kinds import kinds_of

    may_be = (given["kind"],) if given["kind"] else kinds_of(given["data"])
    known = {name for names in TAKES.values() for name in names}
    options = {name for name in known if given[name] not in (None, False)}
    kinds = [kind for kind in may_be if options <= set(TAKES[kind])]
    if not kinds:
        foreign = min(options - set(TAKES[may_be[0]])).replace("_", "-")
        raise UserError(f"--{foreign} is not for {may_be[0]}: leave it out, or give another --kind")
    refusals = list[str]()
    for kind in kinds:
        try:
            contents = _as_kind(kind, given)
        except UserError as error:
            refusals.append(f"as {kind}: {error}")
            if len(kinds) == 1:
                raise
        else:
            if kind == "corpus":
                contents["notes"] += refusals
            return contents
    raise UserError("; ".join(refusals))


def _as_kind(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    from handloom.jobs.images.data import reading_of

    if kind == "images":
        from handloom.data.show import show

        return show(given["data"], given["out"], given["size"], reading_of(given), given["strict"])
    from handloom.data.text.rows import TextReading
    from handloom.data.text.show import show_corpus, show_texts

    if kind == "captions":
        from handloom.jobs.clip.config import Config
        from handloom.jobs.clip.show import show_captions

        named = {name: given[name] for name in TAKES["captions"] if given[name] is not None}
        return show_captions(given["data"], Config(**named))
    if kind == "texts":
        known = (field.name for field in fields(TextReading))
        return show_texts(given["data"], TextReading(**{name: given[name] for name in known}))
    return show_corpus(given["data"], given["encoding"] or "utf-8")


def runs(argv: list[str]) -> int:
    """`handloom runs [DIR]`."""
    from handloom.cli.parser import parse, positional

    flags = [
        positional("folder", Path, "folder to look in; by default runs", Path("runs")),
        json_flag(),
    ]
    given = parse(
        flags,
        argv,
        "handloom runs",
        "List all runs, with data, metrics, minutes and the options in which they differ.",
    )
    from handloom.runs.overview import overview

    folder = given["folder"]
    records = overview(folder)
    if not records:
        raise UserError(f"there is no run below {folder}: 'handloom train' makes one")
    if given["json"]:
        print_json(records)
        return 0
    from handloom.display.runs import show_runs
    from handloom.jobs import JOBS, find_job

    show_runs(results(), records, folder, {job: find_job(job).metrics for job in JOBS})
    return 0
