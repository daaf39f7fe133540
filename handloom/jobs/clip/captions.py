"""Which captions an image has: those that a table gives it, or its class in a few sentences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from handloom.errors import UserError
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet, Images
    from handloom.jobs.clip.config import Config

USUAL = ("text", "caption", "captions", "description", "title", "sentence")
TEMPLATES = ("a photo of a {}", "an image of a {}", "a {}", "{}")
MOST = 8  # captions of an image, the first ones


class Captions(NamedTuple):
    """texts: the different captions, as they are written. group: those of one number mean the same,
    and are no negatives of each other. of_image: by the image's name, places among the texts.
    classes: whose names the captions are made of, None where they are written. templates: of such.
    notes: sentences to show."""

    texts: tuple[str, ...]
    group: tuple[int, ...]
    of_image: dict[str, tuple[int, ...]]
    classes: tuple[str, ...] | None = None
    templates: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def written(data: Path, config: Config) -> Captions | None:
    """The captions of a table; None where its column is one of labels, or there is none.

    An image may stand on several rows, with a caption each. Captions that differ in case and white
    space alone mean the same. Raises UserError where the column cannot be told.
    """
    from handloom.data.images.listing.columns import choose_columns
    from handloom.data.images.listing.walk import is_image
    from handloom.data.io.table import read_table, usual_column
    from handloom.jobs.images.data import reading_of

    table = read_table(data, strict=False)
    columns = choose_columns(data, table, reading_of(vars(config)))
    if config.image_column is None and any(is_image(name) for name in table.names):
        cells, where = columns.label, "captions in the other column"
    else:
        place = usual_column(
            data, columns.table, USUAL, config.text_column, "--text-column", "captions"
        )
        cells = None if place is None else columns.table.columns[place]
        where = "" if place is None else f"captions in column '{columns.table.names[place]}'"
    if cells is None:
        return None
    return _grouped(zip(columns.image, cells, strict=True), where)


def of_classes(images: DataSet, template: str | None) -> Captions:
    """The name of each image's class, by templates.

    Raises UserError for a template that has no place for the name.
    """
    templates = TEMPLATES if template is None else tuple(t.strip() for t in template.split("|"))
    for each in templates:
        if each.count("{}") != 1:
            raise UserError(f"--template {each}: must have {{}} once, where the class name goes")
    texts, group = list[str](), list[int]()
    for number, name in enumerate(images.train.classes):
        texts += sentences(name, templates)
        group += [number] * len(templates)
    of_image = {
        name: tuple(range(label * len(templates), (label + 1) * len(templates)))
        for part in images.splits.values() if part.label is not None
        for name, label in zip(part.names, part.label.tolist(), strict=True)
    }  # fmt: skip
    made = ", ".join(f"'{each}'" for each in templates)
    note = f"captions are made of {pluralize(len(images.train.classes), 'class name')}: {made}"
    classes = images.train.classes
    return Captions(tuple(texts), tuple(group), of_image, classes, templates, (note,))


def sentences(name: str, templates: Iterable[str]) -> list[str]:
    """A class name in sentences; an underscore is a space."""
    return [each.replace("{}", name.replace("_", " ")) for each in templates]


def captioned(images: Images, captions: Captions) -> list[int]:
    """The rows of images that have a caption."""
    return [row for row, name in enumerate(images.names) if name in captions.of_image]


def _grouped(rows: Iterable[tuple[str, str]], where: str) -> Captions:
    texts, group, places = dict[str, int](), list[int](), dict[str, list[int]]()
    meanings = dict[str, int]()
    empty = more = 0
    for image, text in rows:
        text = " ".join(text.split())
        if not text:
            empty += 1
            continue
        if text not in texts:
            texts[text] = len(texts)
            group.append(meanings.setdefault(text.casefold(), len(meanings)))
        mine = places.setdefault(image, [])
        if texts[text] not in mine:
            more += len(mine) >= MOST
            mine.append(texts[text])
    notes = [where]
    if empty:
        notes.append(f"left out {pluralize(empty, 'row')} without a caption")
    if more:
        notes.append(f"left out {pluralize(more, 'caption')} beyond {MOST} of one image")
    shared = len(places) - len(meanings)
    if shared > 0:
        notes.append(f"the table has {len(meanings):,} different captions for {len(places):,} "
                     "images: one that several images have is right for each of them")  # fmt: skip
    of_image = {image: tuple(mine[:MOST]) for image, mine in places.items()}
    return Captions(tuple(texts), tuple(group), of_image, notes=tuple(notes))
