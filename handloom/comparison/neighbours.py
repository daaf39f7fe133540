"""Neighbours side by side: the results of every encoder for the same queries, on the page."""

from collections.abc import Sequence
from pathlib import PurePath

import numpy as np
from markupsafe import Markup

from handloom.comparison.records import Collection, EncoderComparison, Measured
from handloom.data.images.decode import Undecodable, decode_whole
from handloom.reports.gallery import SIDE, Gallery, figure
from handloom.reports.page import Section


def neighbours(comparison: EncoderComparison, ordered: Sequence[Measured]) -> list[Section]:
    """A block for each query that is shown: a row of results for each encoder."""
    if not comparison.measured:
        return []
    gallery, parts = Gallery(), []
    for number in range(len(comparison.task.shown)):
        parts.append(_query(comparison, ordered, gallery, number))
    text = (
        "The same queries for every encoder, chosen evenly over the collection before anything was "
        "measured. What is right has a green frame."
    )
    return [Section("Neighbours side by side", text, STYLE + Markup("").join(parts), "Neighbours")]


def _query(
    comparison: EncoderComparison, ordered: Sequence[Measured], gallery: Gallery, number: int
) -> Markup:
    collection, row = comparison.collection, comparison.task.shown[number]
    query = _thumbnail(gallery, collection, row, "query")
    caption = collection.labels[row] or ""
    rows = [
        Markup('<div class="answer"><span>{}</span>{}</div>').format(
            each.name,
            Markup("").join(
                _framed(gallery, collection, int(place), bool(right))
                for place, right in zip(
                    each.neighbours.rows[number], each.neighbours.is_right[number], strict=True
                )
            ),
        )
        for each in ordered
    ]
    return Markup('<div class="query">{}<div class="answers">{}</div></div>').format(
        figure(query, caption, file=PurePath(collection.names[row]).name), Markup("").join(rows)
    )


def _framed(gallery: Gallery, collection: Collection, row: int, is_right: bool) -> Markup:
    label = collection.labels[row] or PurePath(collection.names[row]).name
    image = _thumbnail(gallery, collection, row, label)
    kind = "yes" if is_right else "no"
    return Markup('<i class="{}" title="{}">{}</i>').format(kind, collection.names[row], image)


def _thumbnail(gallery: Gallery, collection: Collection, row: int, alt: str) -> Markup:
    import torch

    try:
        image, _ = decode_whole(collection.paths[row])
    except Undecodable as error:
        return Markup('<span class="quiet">{}</span>').format(error.reason)
    image.thumbnail((SIDE, SIDE))
    return gallery.thumbnail(torch.from_numpy(np.array(image)), alt)


STYLE = Markup("""<style>
.query { display: flex; gap: 1.2rem; margin: 1.4rem 0; align-items: flex-start }
.query > figure { margin: 0; flex: 0 0 8rem; font-size: .86rem }
.query > figure img { width: 100%; max-height: 9rem; object-fit: contain; object-position: left;
  border-radius: .3rem }
.answers { min-width: 0; flex: 1; overflow-x: auto }
.answer { display: flex; gap: .35rem; align-items: center; margin-bottom: .35rem }
.answer > span { flex: 0 0 11.5rem; font-size: .82rem; overflow-wrap: anywhere }
.answer i { flex: 0 0 5.6rem; height: 5.6rem; border: 3px solid var(--line);
  border-radius: .3rem; background: var(--soft); overflow: hidden }
.answer i img { width: 100%; height: 100%; object-fit: contain; display: block }
.answer .yes { border-color: var(--good) }
@media (max-width: 40rem) {
  .query { flex-direction: column; gap: .6rem }
  .answers { width: 100% }
  .answer { flex-wrap: wrap }
  .answer > span { flex-basis: 100% }
  .answer i { flex: 1 1 3rem; max-width: 5.6rem; height: auto; aspect-ratio: 1 }
}
</style>""")
