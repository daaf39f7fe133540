"""Searching an index of images."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handloom.cli.commands.outputs import check_out
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.runs.files import write_whole
from handloom.wording import are, join_and, pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handloom.cli.parser import Flag
    from handloom.search.calibration import Calibration
    from handloom.search.index import Answer, Index, SearchResult

DEVICE = "auto, cpu, cuda, cuda:N or mps"


def search(argv: list[str]) -> int:
    """`handloom search INDEX [IMAGE]`."""
    from handloom.cli.parser import parse

    argv = ["--k" if word == "-k" else word for word in argv]
    given = parse(_flags(), argv, "handloom search", "Find similar images, best first.")
    check_out(given["plot"], ".png", ".jpg", ".jpeg", ".webp", option="--plot")
    from handloom.api import vectorizers
    from handloom.search.opening import open_index

    find = vectorizers(given["device"], progress().note)
    with open_index(given["index"], find, given["collection"]) as opened:
        _note_words(given)
        answer = opened.search(
            _query(given, opened), given["k"], where=given["where"],
            min_score=_score(given["min_score"]), duplicates=given["duplicates"],
            plus=given["plus"], minus=given["minus"], method=given["method"],
        )  # fmt: skip
    if given["plot"] is not None:
        _plot(answer, given["plot"])
    _show_notes(answer, given["random"])
    if given["json"]:
        print_json([each.record() for each in answer.results])
        if not answer.results:
            progress().note(_nothing(answer))
    else:
        _show_answer(answer, given)
    sys.stdout.flush()
    for kind in opened.queries.to_compile():
        progress().note(
            "compiling the encoder, once, so that searches with it load torch no more "
            "(HANDLOOM_COMPILE=0: not)"
        )
        opened.queries.compile(kind)
    return 0


def collection_flag() -> "Flag":
    """--collection, of verbs that take an index."""
    from handloom.cli.parser import flag

    return flag("collection", str | None, "name on a Milvus server; by default images")


def _flags() -> "list[Flag]":
    from handloom.cli.parser import flag, positional

    return [
        positional("index", str, "an index, the images that it is of, or a Milvus server"),
        positional("query", str | None, "an image to search for, or words", None),
        collection_flag(),
        flag("id", int | None, "search for an image of the index by its number"),
        flag("random", bool, "search for any image of the index", False),
        flag("k", int, "how many images to show", 5),
        flag("where", str | None, "a condition, as in \"label = 'shoes' and size > 100000\""),
        flag("min_score", str | None, "least score: auto, or a number from -1 to 1"),
        flag("duplicates", Literal["fold", "show"], "show one copy of an image, or all", "fold"),
        flag("plus", list[str], "an image, or words, added to the query", []),
        flag("minus", list[str], "an image, or words, taken from the query", []),
        flag(
            "method",
            Literal["auto", "exact", "approximate"],
            "auto: approximate for a large index",
            "auto",
        ),
        flag("plot", Path | None, "contact sheet to write: .png, .jpg or .webp"),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]


def _query(given: dict[str, Any], opened: "Index") -> str | int | None:
    """The one query of those that can be given; None where there is --plus alone."""
    ways = [given["query"] is not None, given["id"] is not None, given["random"]]
    if sum(ways) > 1:
        raise UserError("give one of an image, words, --id and --random; --plus adds further ones")
    if given["random"]:
        return opened.random()
    number: int | None = given["id"]
    query: str | None = given["query"]
    return number if number is not None else query


def _note_words(given: dict[str, Any]) -> None:
    """Says of words with a slash that they are taken for words."""
    from handloom.search.queries import has_slash, is_path

    typed = [given["query"] or "", *given["plus"], *given["minus"]]
    for words in (each for each in typed if has_slash(each) and not is_path(each)):
        progress().note(f"'{words}' is taken for words: there is no such file")


def _score(typed: str | None) -> "float | Literal['auto'] | None":
    if typed is None or typed == "auto":
        return typed  # type: ignore[return-value]
    try:
        score = float(typed)
    except ValueError:
        score = 2.0
    if not -1 <= score <= 1:
        raise UserError(f"--min-score {typed}: must be auto, or a number from -1 to 1")
    return score


def _show_notes(answer: "Answer", is_random: bool) -> None:
    """What was asked and by which rules, on standard error."""
    screen = progress()
    if is_random and answer.query is not None:
        screen.message(f"query: {answer.query}")
    if answer.calibration is not None:
        screen.note(_calibrated(answer.calibration, answer.words is not None))
    if answer.unknown:
        words = join_and([f"'{word}'" for word in answer.unknown])
        screen.note(f"passed over, since the encoder does not know it: {words}")


def _nothing(answer: "Answer") -> str:
    below = f"; the nearest scores {answer.below:.2f}" if answer.below is not None else ""
    why = f": {answer.why}" if answer.why is not None else ""
    return f"nothing here{below}{why}"


def _show_answer(answer: "Answer", given: dict[str, Any]) -> None:
    screen, shown = progress(), answer.results
    if not shown:
        results().message(_nothing(answer))
        return
    if len(shown) < given["k"] and answer.below is None:
        only = f"only {pluralize(len(shown), shown[0].kind.removesuffix('s'))}"
        meet = "meets" if len(shown) == 1 else "meet"
        screen.note(f"{only} {meet} the condition" if given["where"] is not None
                    else f"there {are(len(shown))} {only} to show")  # fmt: skip
    for line in _lines(shown):
        results().message(line)


def _calibrated(known: "Calibration", is_words: bool) -> str:
    """What the calibrated score is, and how well it tells."""
    what = " for words" if is_words else ""
    reached = "" if known.answered is None else (
        f"{100 * known.answered:.0f} % of queries that have an answer reach it, and ")  # fmt: skip
    others = "sentences about other things" if is_words else "those that have none"
    reach = "" if reached else " reach it"
    return (
        f"--min-score auto is {known.min_score:.2f} here{what}: {reached}"
        f"{100 * (1 - known.silent):.0f} % of {others}{reach}"
    )


def _lines(answers: "Sequence[SearchResult]") -> list[str]:
    """A heading and a line for each result; path and text come last and whole, to be copied."""
    what = "image" if answers[0].kind == "images" else "place"
    rows = [("score", "label", "copies", "id", what, "text")]
    rows += [
        (f"{each.score:.3f}", each.label or "", f"+{len(each.copies)}" if each.copies else "",
         str(each.id), each.path, each.text or "") for each in answers
    ]  # fmt: skip
    return columns(rows)


def columns(rows: "Sequence[tuple[str, ...]]") -> list[str]:
    """Lines of rows, the first of which is their heading: columns that hold something, as wide as
    they need; the last is not filled up."""
    from rich.cells import cell_len

    places = range(len(rows[0]))
    shown = [place for place in places if any(row[place] for row in rows[1:])]
    widths = [max(cell_len(row[place]) for row in rows) for place in places]
    return [
        "  ".join(row[p] + " " * (widths[p] - cell_len(row[p])) for p in shown).rstrip()
        for row in rows
    ]


def _plot(answer: "Answer", out: Path) -> None:
    from handloom.search.sheet import Row, encoded, sheet

    write_whole(out, encoded(sheet([Row(answer)]), out.suffix))
    progress().message(f"contact sheet: {out}")
