"""Images with their captions as tokens: what is trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.clip import image_side
from handloom.jobs.clip.captions import Captions, captioned, of_classes, written
from handloom.jobs.images.data import load_images
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.images.reading import Preprocessing
    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.clip.config import Config

LONGEST = 64  # words that are read of a caption, where nothing else is asked for
VOCABULARY = 20_000


@dataclass(frozen=True)
class Pairs:
    """images: in splits, all with a caption. network: of the images, by its name. tokens int64
    (M, T) and length int64 (M,): the captions. caption: by split int64 (N, C), rows of the captions
    of each image, repeated where it has fewer. notes: sentences to show."""

    images: DataSet
    network: str
    captions: Captions
    tokenizer: Any
    units: str
    tokens: Tensor
    length: Tensor
    caption: dict[str, Tensor]
    fingerprint: str
    notes: tuple[str, ...]

    @property
    def max_length(self) -> int:
        """T, words that are read of a caption."""
        return int(self.tokens.shape[1])

    @property
    def group(self) -> Tensor:
        """What each caption means, int64 (M,)."""
        import torch

        return torch.tensor(self.captions.group)


def load(config: Config, data: str, report: ReportProgress) -> Pairs:
    """Read images and captions, and learn the words of those that are trained on."""
    _check(config)
    known = captions_of(data, config)
    network, notes = image_side.choose(config, data, known is None, report)
    shape = image_side.preprocessing(network, config)
    images = images_of(config, data, report, known is None, shape)
    captions = known or of_classes(images, config.template)
    if known is not None:
        images, left_out = _captioned(images, captions, data)
        notes = (*notes, *left_out)
    return _as_tokens(config, images, network, captions, notes)


def contents_of(pairs: Pairs) -> dict[str, list[str]]:
    """What the images of each split are known by."""
    from handloom.jobs.images.contents import split_contents

    return split_contents(pairs.images)


def images_of(
    config: Config, data: str, report: ReportProgress, labelled: bool, shape: Preprocessing | None
) -> DataSet:
    """The images, with labels where captions are made of them. shape: of an encoder, or None."""
    from handloom.data.images.listing.folder import NoLabels

    try:
        return load_images(
            config, data, report, config.validation, labelled=labelled, preprocessing=shape
        )
    except NoLabels as error:
        problem = str(error).rpartition(": ")[0]
        raise UserError(
            f"there are no captions: {problem}; give a table with the columns image,text (or name "
            "its column with --text-column), or folders named by class"
        ) from None


def captions_of(data: str, config: Config) -> Captions | None:
    """The captions that a table gives; None where there are none but the names of classes.

    Raises UserError for options that are for the other.
    """
    from handloom.data.images.named.sets import place_of
    from handloom.data.io.table import is_table

    path = place_of(data).path
    captions = None
    if path is not None and path.is_file() and is_table(path):
        captions = written(path, config)
    if captions is None and config.text_column is not None:
        raise UserError(f"--text-column {config.text_column}: '{data}' is not a table of captions")
    if captions is not None and config.template is not None:
        raise UserError(
            f"--template {config.template}: the captions of '{data}' are written, not made of "
            "class names; leave it out"
        )
    return captions


def _captioned(images: DataSet, captions: Captions, data: str) -> tuple[DataSet, tuple[str, ...]]:
    """Without the images that have no caption."""
    import torch

    def kept(part: Images | None) -> Images | None:
        rows = [] if part is None else captioned(part, captions)
        if part is None or len(rows) == len(part):
            return part
        return part.subset(torch.tensor(rows)) if rows else None

    train = kept(images.train)
    if train is None:
        raise UserError(f"no training image of '{data}' has a caption: fill in its column of texts")
    made = replace(images, train=train, valid=kept(images.valid), test=kept(images.test))
    missing = sum(map(len, images.splits.values())) - sum(map(len, made.splits.values()))
    note = (f"left out {pluralize(missing, 'image')} without a caption",) if missing else ()
    return made, note


def _as_tokens(
    config: Config, images: DataSet, network: str, captions: Captions, notes: tuple[str, ...]
) -> Pairs:
    from handloom.data.text.tokenizer import learn_tokenizer, measured_units

    trained = sorted({place for name in images.train.names for place in captions.of_image[name]})
    texts = [captions.texts[place] for place in trained]
    if len({captions.group[place] for place in trained}) < 2:
        raise UserError(
            "all training images have the same caption, and nothing can be told apart: give "
            "captions that differ"
        )
    units = measured_units(texts)
    most = config.vocab_size or VOCABULARY
    tokenizer = learn_tokenizer(texts, most, 1, spaces=False, units=units)
    longest = config.max_length or LONGEST
    tokens, length, cut = padded(tokenizer, captions.texts, longest)
    if cut:
        notes = (*notes, f"only the first {longest} words of {pluralize(cut, 'caption')} are read")
    return Pairs(
        images=images,
        network=network,
        captions=captions,
        tokenizer=tokenizer,
        units=units,
        tokens=tokens,
        length=length,
        caption={name: _rows(part, captions) for name, part in images.splits.items()},
        fingerprint=_fingerprint(images, captions),
        notes=(*images.notes, *captions.notes, *notes),
    )


def padded(
    tokenizer: Any, texts: tuple[str, ...] | list[str], most: int
) -> tuple[Tensor, Tensor, int]:
    """Texts as tokens int64 (N, T), the first of each, T at most `most`; their lengths (N,); and
    how many were cut. Words that are not known are passed over."""
    import torch

    from handloom.data.text.tokenizer import encode

    flat, length = encode(tokenizer, list(texts), keep_unknown=False)
    kept = length.clamp(max=most)
    column = torch.arange(int(kept.max()))
    starts = length.cumsum(0) - length
    place = (starts[:, None] + column).clamp(max=len(flat) - 1)
    tokens = flat[place].long() * (column < kept[:, None])
    return tokens, kept, int((length > most).sum())


def _rows(images: Images, captions: Captions) -> Tensor:
    """The captions of each image, int64 (N, C), repeated where it has fewer than another."""
    import torch

    lists = [captions.of_image[name] for name in images.names]
    most = max(map(len, lists), default=1)
    return torch.tensor(
        [[mine[place % len(mine)] for place in range(most)] for mine in lists], dtype=torch.int64
    ).view(len(lists), most)


def _fingerprint(images: DataSet, captions: Captions) -> str:
    """Over the images and what is written of each."""
    known = hashlib.blake2b(images.fingerprint.encode(), digest_size=16)
    for part in images.splits.values():
        for name in part.names:
            for place in captions.of_image[name]:
                known.update(f"{captions.texts[place]}\n".encode())
            known.update(b"\0")
    return known.hexdigest()


def _check(config: Config) -> None:
    """Raises UserError for options that do not go together."""
    if config.grad_accum_steps > 1:
        raise UserError(
            f"--grad-accum-steps {config.grad_accum_steps}: every image is compared with all "
            "captions of its batch, which parts of a batch do not have; leave it out"
        )
    if config.weights is not None and Path(config.network).is_dir():
        raise UserError(
            f"--weights: the run {config.network} has weights of its own; leave --weights out"
        )
