"""How often the queries of a table find in an index what they should."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.cli.commands.outputs import check_out
from handloom.cli.commands.search import DEVICE, collection_flag, columns
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.runs.files import write_whole
from handloom.wording import join_and

if TYPE_CHECKING:
    from handloom.search.evaluation import ScoredQuery
    from handloom.search.index import Index

MOST_FAILURES = 20  # in a contact sheet


def is_of_index(argv: Sequence[str]) -> bool:
    """Whether the first place that is typed is an index, or images that have one."""
    first = [word for word in argv[:1] if not word.startswith("-")]
    if not first:  # --help, which must not wait for NumPy
        return False
    from handloom.search.opening import is_address
    from handloom.search.places import names_index

    return any(is_address(word) or names_index(word) for word in first)


def evaluate_index(argv: list[str]) -> int:
    """`handloom evaluate INDEX queries.csv`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("index", str, "an index, the images that it is of, or a Milvus server"),
        positional("queries", Path, "a table with the columns query,expected"),
        collection_flag(),
        flag("k", int, "results that are looked at", 5),
        flag("plot", Path | None, "contact sheet of the failures: .png, .jpg or .webp"),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]
    argv = ["--k" if word == "-k" else word for word in argv]
    given = parse(
        flags, argv, "handloom evaluate", "Measure how often queries find what they should."
    )
    check_out(given["plot"], ".png", ".jpg", ".jpeg", ".webp", option="--plot")
    from handloom.api import vectorizers
    from handloom.search.evaluation import score_queries
    from handloom.search.opening import open_index

    find = vectorizers(given["device"], progress().note)
    with open_index(given["index"], find, given["collection"]) as opened:
        scored = score_queries(opened, given["queries"], given["k"])
    if given["json"]:
        print_json([*(each.record() for each in scored), _totals(scored, given["k"])])
    else:
        _show_scored(scored, given["k"])
    failed = [each for each in scored if not each.is_best]
    if given["plot"] is not None and failed:
        from handloom.search.sheet import Row, encoded, sheet

        rows = [Row(each.answer, join_and(each.expected), _image_of(opened, each.expected[0]),
                    right=each.right) for each in failed[:MOST_FAILURES]]  # fmt: skip
        write_whole(given["plot"], encoded(sheet(rows), given["plot"].suffix))
        progress().message(f"failures: {given['plot']}")
    return 0


def _image_of(opened: "Index", expected: str) -> Path | None:
    """The image that is expected, where it is not a label."""
    places = (opened.root / expected, Path(expected))
    return next((place for place in places if place.is_file()), None)


def _show_scored(scored: "Sequence[ScoredQuery]", k: int) -> None:
    failed = [each for each in scored if not each.is_best]
    rows = [
        (f"{each.recall:.2f}", f"{sum(each.right)} of {len(each.right)}", join_and(each.expected),
         each.query) for each in sorted(failed, key=lambda each: each.precision)
    ]  # fmt: skip
    if rows:
        for line in columns([(f"recall@{k}", "right", "expected", "query"), *rows]):
            results().message(line)
    totals = _totals(scored, k)
    noun = "query" if len(scored) == 1 else "queries"
    results().message(
        f"{len(scored):,} {noun}: recall@{k} {totals['recall']:.3f}, precision@{k} "
        f"{totals['precision']:.3f}; {totals['best']:,} as good as {k} results can be"
    )


def _totals(scored: "Sequence[ScoredQuery]", k: int) -> dict[str, float]:
    """Means over the queries, and how many answers are as good as k results can be."""
    return {
        "queries": len(scored),
        "k": k,
        "recall": round(statistics.fmean(each.recall for each in scored), 6),
        "precision": round(statistics.fmean(each.precision for each in scored), 6),
        "best": sum(each.is_best for each in scored),
    }
