"""An index of images, and searching it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handloom.cli.commands.outputs import check_out, save
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.wording import join_and, pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handloom.search.evaluation import Judged
    from handloom.search.index import Answer, Index, SearchResult
    from handloom.search.refresh import Refreshed

MOST_BROKEN = 10  # named; --json has them all
MOST_FAILURES = 20  # in a contact sheet
DEVICE = "auto, cpu, cuda, cuda:N or mps"


def index(argv: list[str]) -> int:
    """`handloom index DATA`."""
    from handloom.cli.parser import config_flags, flag, parse, positional
    from handloom.jobs.image_data import ImageReadingOptions, reading_of

    flags = [
        positional("data", str, "a folder of images, or a table of them"),
        flag("encoder", str | None, "pixels, timm:NAME, torchvision:NAME, or a run directory"),
        flag("weights", Path | None, "file with the network's weights; the published ones without"),
        flag("store", Path | None, "folder of the index; by default DATA.index beside the images"),
        flag("rebuild", bool, "embed all images again, as another encoder needs", False),
        *config_flags(ImageReadingOptions),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom index", "Make an index of images, or bring it up to date.")
    from handloom.api import vectorizers, wanted_encoder
    from handloom.display.rate import rated
    from handloom.search.index import update

    screen, data = progress(), Path(given["data"]).expanduser()
    wanted = wanted_encoder(
        given["encoder"], given["weights"], vectorizers(given["device"], screen.note)
    )
    with rated(screen, "images") as report:
        made, refreshed, notes = update(
            data, given["store"], wanted, given["rebuild"], reading_of(given), report
        )
    for note in notes:
        screen.note(note)
    _show_broken(refreshed, given["strict"])
    _show_refreshed(made, refreshed, given["json"])
    return 0


def search(argv: list[str]) -> int:
    """`handloom search INDEX [IMAGE]`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("index", str, "an index, or the images that it is of"),
        positional("query", str | None, "an image to search for", None),
        flag("id", int | None, "search for an image of the index by its number"),
        flag("random", bool, "search for any image of the index", False),
        flag("k", int, "how many images to show", 5),
        flag("where", str | None, "a condition, as in \"label = 'shoes' and size > 100000\""),
        flag("min_score", str | None, "least score: auto, or a number from -1 to 1"),
        flag("duplicates", Literal["fold", "show"], "copies of an image: one, or all", "fold"),
        flag("plus", list[str], "an image that is added to the query", []),
        flag("minus", list[str], "an image that is taken from the query", []),
        flag("plot", Path | None, "contact sheet to write: .png, .jpg or .webp"),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]
    argv = ["--k" if word == "-k" else word for word in argv]
    given = parse(flags, argv, "handloom search", "Images that are alike, best first.")
    check_out(given["plot"], ".png", ".jpg", ".jpeg", ".webp")
    from handloom.api import vectorizers
    from handloom.search.index import open_index

    opened = open_index(given["index"], vectorizers(given["device"], progress().note))
    answer = opened.search(
        _query(given, opened), given["k"],
        where=given["where"], min_score=_score(given["min_score"]), duplicates=given["duplicates"],
        plus=given["plus"], minus=given["minus"],
    )  # fmt: skip
    if given["plot"] is not None:
        _plot(answer, given["plot"])
    if given["json"]:
        print_json([each.record() for each in answer.results])
    else:
        _show_answer(opened, answer, given)
    return 0


def is_of_index(argv: "Sequence[str]") -> bool:
    """Whether the first place that is typed is an index, or images that have one."""
    from handloom.search.places import names_index

    return any(names_index(word) for word in argv[:1] if not word.startswith("-"))


def evaluate_index(argv: list[str]) -> int:
    """`handloom evaluate INDEX queries.csv`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("index", str, "an index, or the images that it is of"),
        positional("queries", Path, "a table with the columns query,expected"),
        flag("k", int, "results that are looked at", 5),
        flag("plot", Path | None, "contact sheet of the failures: .png, .jpg or .webp"),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]
    argv = ["--k" if word == "-k" else word for word in argv]
    given = parse(flags, argv, "handloom evaluate", "How often queries find what they should.")
    check_out(given["plot"], ".png", ".jpg", ".jpeg", ".webp")
    from handloom.api import vectorizers
    from handloom.search.evaluation import judge
    from handloom.search.index import open_index

    opened = open_index(given["index"], vectorizers(given["device"], progress().note))
    judged = judge(opened, given["queries"], given["k"])
    if given["json"]:
        print_json([each.record() for each in judged])
    else:
        _show_judged(judged, given["k"])
    failed = [each for each in judged if each.recall < 1]
    if given["plot"] is not None and failed:
        from handloom.search.sheet import Row, encoded, sheet

        rows = [Row(each.answer, join_and(each.expected), _image_of(opened, each.expected[0]))
                for each in failed[:MOST_FAILURES]]  # fmt: skip
        save(given["plot"], encoded(sheet(rows), given["plot"].suffix))
        progress().message(f"failures: {given['plot']}")
    return 0


def _image_of(opened: "Index", expected: str) -> Path | None:
    """The image that is expected, where it is not a label."""
    places = (opened.root / expected, Path(expected))
    return next((place for place in places if place.is_file()), None)


def _show_judged(judged: "Sequence[Judged]", k: int) -> None:
    from handloom.display.tables import show_rows

    failed = [each for each in judged if each.recall < 1]
    rows = [
        [each.query, join_and(each.expected), f"{sum(each.right)} of {len(each.right)}",
         f"{each.recall:.2f}"] for each in sorted(failed, key=lambda each: each.recall)
    ]  # fmt: skip
    if rows:
        show_rows(results(), ["query", "expected", "found", f"recall@{k}"], rows)
    recall = sum(each.recall for each in judged) / len(judged)
    precision = sum(each.precision for each in judged) / len(judged)
    results().message(
        f"{len(judged):,} queries: recall@{k} {recall:.3f}, precision@{k} "
        f"{precision:.3f}; {len(judged) - len(failed):,} found all that they should"
    )


def _query(given: dict[str, Any], opened: "Index") -> str | int | None:
    """The one query of those that can be given; None where there is --plus alone."""
    ways = [given["query"] is not None, given["id"] is not None, given["random"]]
    if sum(ways) > 1:
        raise UserError("give one of an image, --id and --random; --plus adds further images")
    if given["random"]:
        return opened.random()
    number: int | None = given["id"]
    query: str | None = given["query"]
    return number if number is not None else query


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


def _show_broken(refreshed: "Refreshed", is_strict: bool) -> None:
    screen = progress()
    for path, reason in refreshed.broken[:MOST_BROKEN]:
        screen.message(f"left out: {path} ({reason})", "red")
    if refreshed.broken:
        screen.message(f"{pluralize(len(refreshed.broken), 'broken image')} left out", "red")
    if refreshed.broken and is_strict:
        path, reason = refreshed.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")


def _show_refreshed(made: "Index", refreshed: "Refreshed", as_json: bool) -> None:
    counts = {
        "images": len(made), "embedded": refreshed.embedded, "renamed": refreshed.renamed,
        "removed": refreshed.removed, "unchanged": refreshed.unchanged,
    }  # fmt: skip
    if as_json:
        broken = [{"path": path, "error": reason} for path, reason in refreshed.broken]
        print_json([{"index": made.store.name, "encoder": refreshed.encoder.spec, **counts,
                     "broken": broken}])  # fmt: skip
        return
    done = join_and([f"{count:,} {what}" for what, count in counts.items()
                     if count and what != "images"])  # fmt: skip
    images = pluralize(counts["images"], "image")
    results().message(f"{made.store.name}: {images} by {refreshed.encoder.spec}; {done}")


def _show_answer(opened: "Index", answer: "Answer", given: dict[str, Any]) -> None:
    screen, found = progress(), answer.results
    if given["random"] and answer.query is not None:
        screen.message(f"query: {answer.query}")
    if given["min_score"] == "auto":
        told = opened.calibration()
        screen.note(
            f"--min-score auto is {told.min_score:.2f} here: {100 * told.found:.0f} % of queries "
            f"that have an answer reach it, and {100 * (1 - told.silent):.0f} % of those that have "
            "none"
        )
    if not found:
        below = f"; the nearest scores {answer.below:.2f}" if answer.below is not None else ""
        results().message(f"nothing here{below}")
        return
    if len(found) < given["k"] and answer.below is None:
        screen.note(f"there are no more than {pluralize(len(found), 'image')} to show")
    for line in _lines(found):
        results().message(line)


def _lines(found: "Sequence[SearchResult]") -> list[str]:
    """A heading and a line for each result; the path comes last and whole, to be copied."""
    rows = [("score", "label", "copies", "id", "image")]
    rows += [
        (f"{each.score:.3f}", each.label or "", f"+{len(each.copies)}" if each.copies else "",
         str(each.id), each.path) for each in found
    ]  # fmt: skip
    shown = [place for place in range(5) if any(row[place] for row in rows[1:])]
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    return [
        "  ".join(row[place].ljust(widths[place] if place < 4 else 0) for place in shown)
        for row in rows
    ]


def _plot(answer: "Answer", out: Path) -> None:
    from handloom.search.sheet import Row, encoded, sheet

    save(out, encoded(sheet([Row(answer)]), out.suffix))
    progress().message(f"contact sheet: {out}")
