"""The page of a comparison: figures, differences, classes, and neighbours side by side."""

import shlex
from pathlib import PurePath
from typing import Any

import numpy as np
from markupsafe import Markup

from handloom.comparison.neighbours import neighbours
from handloom.comparison.quality import DEEP, names_by_labels, names_by_views
from handloom.comparison.records import EncoderComparison, Measured
from handloom.comparison.verdict import duration, interval_of, points
from handloom.jobs.pages import command
from handloom.reports.page import Page, Section, paragraph, render, table
from handloom.reports.shares import bar
from handloom.runs.files import write_whole
from handloom.wording import pluralize

MOST_CLASSES = 40
MOST_BROKEN = 50


def page(comparison: EncoderComparison) -> str:
    """The file as text."""
    ordered = _best_first(comparison)
    sections = [_figures(comparison), *_differences(comparison), _costs(comparison)]
    sections += [*neighbours(comparison, ordered), *_classes(comparison)]
    sections += [*_left_out(comparison), _how(comparison)]
    lead = list(comparison.verdict.sentences)
    if not comparison.is_whole:
        lead.append("It was interrupted: the page shows what had been measured until then.")
    return render(
        Page(
            lead=lead,
            sections=sections,
            title=PurePath(comparison.data.rstrip("/")).name or comparison.data,
            job="compare-encoders",
            advice=_advice(comparison),
            repeat=[shlex.join(("handloom", *comparison.command))],
            made="Made by Handloom.",
        )
    )


def write_page(comparison: EncoderComparison) -> None:
    """Write the page into the folder of the comparison."""
    write_whole(comparison.report, page(comparison).encode("utf-8", "backslashreplace"))


def _advice(comparison: EncoderComparison) -> list[Markup]:
    encoder = comparison.verdict.encoder
    if encoder is None:
        return []
    file = comparison.weights.get(encoder)
    weights = [] if file is None else ["--weights", file]
    line = command("index", comparison.data, "--encoder", encoder, *weights)
    return [Markup("Make an index with it: {}").format(line)]


def figures(comparison: EncoderComparison) -> list[list[str]]:
    """Headings and a row for each encoder, in words, for a terminal."""
    names = _measures(comparison)
    headings = ["encoder", *names, "s/1,000", "bytes", "minutes"]
    rows = [
        [each.name, *(_cell(each, name) for name in names), f"{each.seconds:.3g}",
         f"{each.bytes:,}", "" if each.minutes is None else f"{each.minutes:.2g}"]
        for each in _best_first(comparison)
    ]  # fmt: skip
    task = comparison.task
    return [headings, *rows, ["chance", f"{100 * task.chance:.1f} %", *[""] * (len(names) + 2)]]


def _cell(measured: Measured, name: str) -> str:
    flattered = "" if measured.flattered is None else " (!)"
    return f"{100 * float(measured.scores[name].mean()):.1f} %{flattered}"


def _measures(comparison: EncoderComparison) -> list[str]:
    task = comparison.task
    return list(names_by_labels(task.k) if task.is_labelled else names_by_views(task.k))


def _best_first(comparison: EncoderComparison) -> list[Measured]:
    deciding = comparison.task.deciding
    return sorted(comparison.measured, key=lambda each: -float(each.scores[deciding].mean()))


def _figures(comparison: EncoderComparison) -> Section:
    names, task, rows = _measures(comparison), comparison.task, list[list[Any]]()
    for each in _best_first(comparison):
        bars = []
        for name in names:
            mean, low, high = interval_of(each.scores[name])
            bars.append(bar(mean, (max(0.0, low), min(1.0, high))))
        rows.append([each.name, *bars])
    rows.append(["chance", f"{100 * task.chance:.1f} %", *[""] * (len(names) - 1)])
    notes = [paragraph(f"{each.name}: {each.flattered}, which flatters it; it is not among those "
                       "that are recommended.") for each in comparison.measured
             if each.flattered is not None]  # fmt: skip
    body = table(["encoder", *names], rows, numbers=False) + Markup("").join(notes)
    return Section("Figures", f"{_queries(comparison)} The bars are 95 % intervals.", body)


def _costs(comparison: EncoderComparison) -> Section:
    count = comparison.collection.of
    rows = [
        [each.name, f"{each.seconds:.3g}", duration(each.seconds * count / 1000),
         f"{each.bytes:,}", f"{each.bytes * count / 1e6:,.3g} MB",
         "" if each.minutes is None else f"{each.minutes:.2g}"]
        for each in _best_first(comparison)
    ]  # fmt: skip
    headings = ["encoder", "seconds for 1,000 images", f"for all {count:,}", "bytes of a vector",
                f"of all {count:,}", "minutes of training"]  # fmt: skip
    return Section("Costs", SPEED, table(headings, rows, numbers=False))


def _queries(comparison: EncoderComparison) -> str:
    task, collection = comparison.task, comparison.collection
    images = pluralize(len(collection.paths), "image")
    if task.is_labelled:
        return (
            f"{len(task.queries):,} of {images} were a query each, among all others; an answer is "
            "right if it has the label of the query."
        )
    return (
        f"Distorted views of {len(task.queries):,} of {images} were queries ({task.reason}); an "
        "answer is right if it is the image that the view was made of."
    )


def _differences(comparison: EncoderComparison) -> list[Section]:
    differences = comparison.verdict.differences
    if not differences:
        return []
    best = _best_fair(comparison)
    rows = [
        [name, f"{points(mean)}", f"{points(low)} to {points(high)}",
         "not told apart" if low <= 0 else ""]
        for name, mean, low, high in sorted(differences, key=lambda each: each[1])
    ]  # fmt: skip
    text = (
        f"How many percentage points of {comparison.task.deciding} the best, {best.name}, is ahead "
        "of each other encoder, on the same queries; the intervals hold together with 95 %."
    )
    return [Section("Who is ahead", text, table(["encoder", "behind by", "interval", ""], rows))]


def _best_fair(comparison: EncoderComparison) -> Measured:
    return next(each for each in _best_first(comparison) if each.flattered is None)


def _classes(comparison: EncoderComparison) -> list[Section]:
    """The deciding measure by label, the hardest first."""
    task = comparison.task
    if not task.is_labelled or not comparison.measured:
        return []
    labels = np.array([comparison.collection.labels[row] for row in task.queries])
    ordered = _best_first(comparison)
    rows = []
    for label in np.unique(labels):
        here = labels == label
        means = [float(each.scores[task.deciding][here].mean()) for each in ordered]
        cells = [f"{100 * mean:.0f} %" for mean in means]
        rows.append((max(means), [str(label), int(here.sum()), *cells]))
    rows.sort(key=lambda row: row[0])
    body = table(["label", "queries", *(each.name for each in ordered)],
                 [row for _, row in rows[:MOST_CLASSES]])  # fmt: skip
    text = f"{task.deciding} of the queries of each label, the hardest first."
    if len(rows) > MOST_CLASSES:
        text += f" The {MOST_CLASSES} hardest of {len(rows):,} are shown."
    return [Section("By label", text, body)]


def _left_out(comparison: EncoderComparison) -> list[Section]:
    """Encoders that were not measured, and files that cannot be read."""
    broken, parts = comparison.collection.broken, Markup("")
    if comparison.absent:
        parts += table(["encoder", "why"], [list(each) for each in comparison.absent])
    if broken:
        parts += table(["file", "why"], [list(each) for each in broken[:MOST_BROKEN]])
        if len(broken) > MOST_BROKEN:
            parts += paragraph(f"And {len(broken) - MOST_BROKEN:,} more files.")
    return [Section("What was left out", "", parts, "Left out")] if parts else []


def _how(comparison: EncoderComparison) -> Section:
    task, collection = comparison.task, comparison.collection
    sentences = [BY_LABELS.format(k=task.k, deep=DEEP * task.k) if task.is_labelled else BY_VIEWS]
    measured, whole = len(collection.paths), collection.of
    if measured < whole:
        copies = f" {collection.copies:,} files that have the content of another are left out."
        sentences.append(
            f"Measured on {measured:,} of {whole:,} images, evenly over the collection."
            + (copies if collection.copies else "")
        )
    return Section("How it was measured", "", Markup("").join(map(paragraph, sentences)), "How")


BY_LABELS = (
    "precision@{k} is the share of the {k} nearest images that are right; recall@{k} and "
    "recall@{deep} are the share of all that is right that is among so many; mAP is the mean, "
    "over the queries, of the precision at the rank of each image that is right. What chance "
    "gives is that of precision@{k}."
)
BY_VIEWS = (
    "A view is a crop of half to nine tenths of an image, mirrored or not, lighter or darker, a "
    "little blurred, and saved as JPEG. view@1 is the share of views whose own image is nearest, "
    "the reciprocal rank 1 where it is, 1/2 where it is second. This measures how an encoder takes "
    "such changes, and not whether it sees what is in an image."
)
SPEED = (
    "The seconds are those to decode and encode, on this machine, of images that were read just "
    "before; a vector has 4 bytes a number."
)
