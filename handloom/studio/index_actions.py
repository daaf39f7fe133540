"""What the process of an index is asked: its columns, searches, its map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handloom.studio.uploads import as_files

if TYPE_CHECKING:
    from handloom.search.index import Index
    from handloom.search.map.groups import By

MOST_MAPPED = 2_000  # images


def about(index: Index) -> dict[str, Any]:
    """What an index holds: images, columns with their kinds, and how it can be asked."""
    encoder = index.store.encoder()
    return {
        "images": len(index),
        "columns": dict(index.store.columns()),
        "encoder": None if encoder is None else encoder.spec,
        "reads_texts": encoder is not None and encoder.reads_texts,
    }


def facets(index: Index) -> dict[str, dict[str, Any]]:
    """What the columns hold, for filters."""
    from handloom.studio.facets import facets as of

    return of(index)


def search(
    index: Index,
    id: int | None = None,
    words: str | None = None,
    images: Sequence[bytes] = (),
    is_random: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Results of a query, and the number of the image of the collection that it is."""
    from handloom.data.text.literal import LiteralText

    if is_random:
        id = index.random()
    with as_files(images) as paths:
        query: Any = paths[0] if paths else LiteralText(words) if words else id
        answer = index.search(query, **options)
    return {
        "results": [
            result.record() | {"kind": result.kind, "text": result.text}
            for result in answer.results
        ],
        "query": id if answer.itself is None else answer.itself.id,
        "min_score": answer.min_score,
        "below": answer.below,
        "why": answer.why,
    }


def draw_map(index: Index, roots: Sequence[str]) -> str:
    """The page of all images on a map, as `handloom map` makes it; images that do not lie in one
    of the folders are not read."""
    from handloom.search.map.groups import is_labelled
    from handloom.search.map.layout import image_map
    from handloom.search.map.page import map_page
    from handloom.search.map.tiles import tiles

    made, record = image_map(index, MOST_MAPPED, "tsne"), index.store.encoder()
    paths = [(index.root / image.path).resolve() for image in made.images]
    inside = [path if any(path.is_relative_to(root) for root in roots) else index.root / "\0"
              for path in paths]  # fmt: skip
    by: By = "label" if is_labelled(made) else "cluster"
    spec = "" if record is None else record.spec
    return map_page(made, tiles(inside), by, index.store.title, spec)


def place(index: Index, id: int) -> str:
    """The file of an image of the collection."""
    image, _ = index.store.image(id)
    return str(index.root / image.path)


ALL = (about, facets, search, draw_map, place)
