"""Images to vectors of length 1, for search and for other programs; texts too, by some encoders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.errors import UserError, names_arguments

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Broken
    from handloom.data.images.reading import Reading
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder


class Embedding(NamedTuple):
    """Vectors of images.

    vector: float32 (N, D), of length 1, so that an inner product is the cosine. names: of the
    images. labels, splits: None where unknown. broken: what cannot be read, with reasons. notes:
    sentences to show.
    """

    vector: Tensor
    names: tuple[str, ...]
    labels: tuple[str | None, ...]
    splits: tuple[str | None, ...]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


def embed(
    given: Iterable[str | Path],
    encoder: Encoder,
    reading: Reading | None = None,
    report: ReportProgress | None = None,
) -> Embedding:
    """Vectors of all images that are named: files, folders, tables, built-in sets, in order.

    Every file is encoded once by one encoder, and kept in the cache. Raises UserError for what does
    not exist, and where no image can be read.
    """
    from handloom.data.images.listing.paths import expanded, is_single
    from handloom.data.images.reading import Reading

    paths = [path for entry in given for path in expanded(entry)]
    known, shown, embeddings = reading or Reading(), report or _silent, list[Embedding]()
    for is_file, group in groupby(paths, is_single):
        if is_file:
            embeddings.append(_of_singles(list(group), encoder, shown))
        else:
            embeddings += [_of_set(path, encoder, known, shown) for path in group]
    whole = _joined(embeddings, encoder)
    if not whole.names and whole.broken:
        path, reason = whole.broken[0]
        raise UserError(f"'{path}' cannot be read as an image: {reason}; repair or remove it")
    return whole


class ImageEncoder:
    """Images to vectors of length 1, in Python: `handloom.encoder(spec)`.

    Called with one image it gives float32 (D,); with a list, batch or column of them (N, D). An
    image is a path, a PIL image, an array, a tensor, bytes or a file object.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    @property
    def width(self) -> int:
        """D, the numbers of a vector."""
        return self.encoder.width

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits over network, weights and preprocessing."""
        return self.encoder.fingerprint

    @names_arguments
    def __call__(self, images: Any) -> Tensor:
        """Raises UserError, with the first reason, for an image that cannot be read."""
        import torch

        from handloom.data.images.decode import decode
        from handloom.data.objects import input_names, is_many

        names = input_names(images)[0]
        for name in names:
            if Path(name).is_dir():
                raise UserError(f"'{name}' is a folder: give images, or use handloom.embed")
        shape = (0, *self.encoder.preprocessing["size"], self.encoder.preprocessing["channels"])
        pixels = [decode(Path(name).expanduser(), self.encoder.preprocessing) for name in names]
        image = torch.stack(pixels) if pixels else torch.empty(shape, dtype=torch.uint8)
        vectors = normalized(self.encoder(image))
        return vectors if is_many(images) else vectors[0]

    @names_arguments
    def texts(self, texts: Any) -> Tensor:
        """Of one text (D,), of a list or a column of texts (N, D), in the space of the images.

        Raises UserError for an encoder that reads no words, and for a text of which it knows none.
        """
        is_single = isinstance(texts, str)
        every = [texts] if is_single else list(texts)
        for text in every:
            self.encoder.unknown_words(text)
        vectors = normalized(self.encoder.texts(every))
        return vectors[0] if is_single else vectors


def normalized(features: Tensor) -> Tensor:
    """Rows (N, D) divided by their lengths; a row of zeros stays."""
    from torch.nn.functional import normalize

    return normalize(features.float(), dim=1)


def _of_singles(given: Sequence[str | Path], encoder: Encoder, report: ReportProgress) -> Embedding:
    from handloom.data.images.listing.input_files import single_files

    return _of_files(single_files(given, report), encoder, report)


def _of_set(
    given: str | Path, encoder: Encoder, reading: Reading, report: ReportProgress
) -> Embedding:
    from handloom.data.images.inputs import load_inputs
    from handloom.data.images.listing.input_files import files_below
    from handloom.data.images.listing.paths import array_folder
    from handloom.data.images.named.sets import place_of
    from handloom.encoders.features import of_images

    path = place_of(given).path
    if path is not None and array_folder(path) is None:
        return _of_files(files_below(given, path, reading, report), encoder, report)
    inputs = load_inputs([given], encoder.preprocessing, reading, report, whole=True)
    vector = normalized(of_images(inputs.image, encoder, report))
    return Embedding(
        vector, inputs.names, inputs.labels, inputs.splits, inputs.broken, inputs.notes
    )


def _of_files(files: Any, encoder: Encoder, report: ReportProgress) -> Embedding:
    """files: `InputFiles`."""
    from handloom.data.images.dataset import Broken
    from handloom.encoders.features import of_files

    encoded = of_files(files.paths, files.digests, encoder, report)
    return Embedding(
        normalized(encoded.feature),
        tuple(files.names[row] for row in encoded.rows),
        tuple(files.labels[row] for row in encoded.rows),
        tuple(files.splits[row] for row in encoded.rows),
        (*files.broken, *(Broken(files.names[row], reason) for row, reason in encoded.broken)),
        files.notes,
    )


def _joined(embeddings: Sequence[Embedding], encoder: Encoder) -> Embedding:
    import torch

    return Embedding(
        torch.cat([torch.empty(0, encoder.width), *(embedding.vector for embedding in embeddings)]),
        tuple(name for embedding in embeddings for name in embedding.names),
        tuple(label for embedding in embeddings for label in embedding.labels),
        tuple(split for embedding in embeddings for split in embedding.splits),
        tuple(entry for embedding in embeddings for entry in embedding.broken),
        tuple(dict.fromkeys(note for embedding in embeddings for note in embedding.notes)),
    )


def _silent(what: str, done: int, total: int) -> None:
    pass
