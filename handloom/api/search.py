"""Indexes of images, and encoders compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import names_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from handloom.comparison.records import EncoderComparison
    from handloom.search.index import Index
    from handloom.search.refresh import WantedEncoder
    from handloom.search.vectors import Find, Vectorizer

SENTENCE = "sentence:"  # before the name of an encoder that reads texts alone


@names_arguments
def index(
    data: str | Path,
    *,
    store: str | Path | None = None,
    encoder: str | Path | None = None,
    weights: str | Path | None = None,
    rebuild: bool = False,
    collection: str | None = None,
    text_column: str | None = None,
    **options: Any,
) -> Index:
    """The index of a folder or a table of images, or of texts, made or brought up to date.

    Texts are the lines of a .txt file, or those of a table in text_column.

    store: its folder, by default beside the images, or the address of a Milvus server, where it is
    a collection. encoder: by default that of the index, and of a new one EfficientNet-Lite0.
    rebuild: embeds all again, beside what is searched meanwhile. options: how folders and tables
    are read. Broken images are left out. It is open: `with` closes it, as in `open_index`.
    """
    from handloom.config import check
    from handloom.jobs.images.data import ImageReadingOptions, reading_of
    from handloom.search.opening import update

    reading = reading_of(vars(check(ImageReadingOptions, options)))
    wanted = wanted_encoder(encoder, _path(weights), vectorizers())
    place = Path(data).expanduser()
    made = update(place, store, wanted, rebuild, reading, lambda *_: None, collection, text_column)
    return made[0]


@names_arguments
def open_index(store: str | Path, collection: str | None = None) -> Index:
    """An index that exists: its folder, the images that it is of, or a Milvus server.

    Its method `search` is the verb `search`. `with handloom.open_index(...) as index:` closes its
    files or its connection at the end.
    """
    from handloom.search.opening import open_index

    return open_index(store, vectorizers(), collection)


@names_arguments
def compare_encoders(
    data: str | Path,
    *,
    encoders: Sequence[str | Path] = (),
    weights: Sequence[str | Path] = (),
    minutes: float = 10,
    images: int = 2_000,
    k: int = 5,
    out: str | Path | None = None,
    device: str = "auto",
    quiet: bool = False,
    **options: Any,
) -> EncoderComparison:
    """Which encoder suits a folder or a table of images: several measured, and a page written.

    encoders: further ones; weights: a file for each, in order, or none. minutes: for all of it.
    images: at most so many are measured. k: neighbours that are looked at. out: the folder of the
    page and of what is trained; one of an earlier call goes on. options: how data are read.
    """
    from handloom.comparison.compare import Asked, compare
    from handloom.config import check
    from handloom.display.console import Display
    from handloom.jobs.images.data import ImageReadingOptions

    asked = Asked(
        str(data), [*map(str, encoders)], [*map(str, weights)], minutes, images, k, device,
        vars(check(ImageReadingOptions, options)),
    )  # fmt: skip
    return compare(asked, _path(out), Display(quiet=quiet))


def vectorizers(device: str = "auto", note: Callable[[str], None] | None = None) -> Find:
    """What makes the encoder of an index from its name; note: takes sentences to show."""
    from handloom.search.vectors import (
        DEFAULT,
        PIXELS,
        NetworkVectors,
        PixelVectors,
        SentenceVectors,
    )

    def find(spec: str | None, weights: Path | None) -> Vectorizer:
        if spec == PIXELS and weights is None:
            return PixelVectors()
        if spec is not None and spec.startswith(SENTENCE):
            from handloom.encoders.sentence import find_sentence
            from handloom.engine.precision import pick_device

            return SentenceVectors(find_sentence(spec, weights, pick_device(device)))
        from handloom.encoders import WeightsAbsent
        from handloom.jobs.images.encoding import find_encoder

        try:
            return NetworkVectors(find_encoder(spec or DEFAULT, weights, device), spec or DEFAULT)
        except WeightsAbsent as error:
            if spec is not None:
                raise
            if note is not None:
                note(
                    f"{error}; until then images are compared by their pixels, which finds copies "
                    "and little else: --rebuild --encoder timm:NAME changes that"
                )
            return PixelVectors()

    return find


def wanted_encoder(spec: str | Path | None, weights: Path | None, find: Find) -> WantedEncoder:
    """The encoder that is asked for, as an index keeps it: runs and files by their whole paths."""
    from handloom.encoders.names import absolute
    from handloom.jobs.images.encoding import is_run
    from handloom.search.refresh import WantedEncoder

    if spec is not None:
        is_folder = is_run(spec)
        spec = str(Path(spec).resolve()) if is_folder else absolute(str(spec).strip())
    return WantedEncoder(spec, None if weights is None else weights.expanduser().absolute(), find)


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
