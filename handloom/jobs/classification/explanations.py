"""The page of `predict --explain`: predictions, and what spoke for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from handloom.jobs.classification.answers import likeliest
from handloom.jobs.results import Explained, Heat, MarkedWord, Prediction
from handloom.reports.gallery import SHARP, Gallery, figure, pair, thumbs
from handloom.reports.marked import marked
from handloom.reports.page import Page, Section, render, table
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.jobs.run import Run

MOST_SHOWN = 200
HEAT = (
    "Grad-CAM (Selvaraju et al. 2017): red is what spoke most for the answer, on the image as the "
    "network sees it."
)
WORDS = (
    "Green words speak for the answer and red ones against it, by how much its log probability "
    "falls when a word is left out; grey ones are not known to the network."
)


def explanations(run: Run, explained: Sequence[Explained]) -> str:
    """The file as text; at most 200 predictions are shown."""
    shown, name = explained[:MOST_SHOWN], run.path.name
    lead = [f"{pluralize(len(explained), 'prediction')} of {name}."]
    if len(shown) < len(explained):
        lead.append(f"The first {len(shown)} are shown.")
    maps = [(each.record, each.because) for each in shown if isinstance(each.because, Heat)]
    others = [(e.record, e.because) for e in shown if not isinstance(e.because, Heat)]
    sections = [Section("Where it looks", HEAT, _maps(maps))] if maps else []
    if others:
        has_words = any(words for _, words in others)
        text = WORDS if has_words else "Nothing can be said of what spoke for these answers."
        sections.append(Section("Answers", text, _texts(others)))
    return render(Page(lead, sections, title=name, job=run.job.name))


def _maps(explained: Sequence[tuple[Prediction, Heat]]) -> Markup:
    gallery, figures = Gallery(), []
    for record, heat in explained:
        name = str(record["input"])
        body = pair(gallery.thumbnail(heat.image, name),
                    gallery.thumbnail(heat.heated, f"where it looks in {name}"))  # fmt: skip
        figures.append(figure(body, _answer(record), file=name))
    is_sharp = max(explained[0][1].heat.shape) <= SHARP
    return thumbs(figures, is_sharp, are_pairs=True)


def _texts(explained: Sequence[tuple[Prediction, tuple[MarkedWord, ...] | None]]) -> Markup:
    rows = [
        [_answer(record), marked(words) if words else record["input"]]
        for record, words in explained
    ]
    return table(["answer", "input"], rows)


def _answer(record: Prediction) -> str:
    best = likeliest(record)[0]
    unsure = " (not sure)" if record.get("abstained") else ""
    return f"{best['label']} {100 * best['probability']:.0f}\u00a0%{unsure}"
