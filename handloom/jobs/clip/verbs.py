"""Evaluate a CLIP run by retrieval both ways, and classify images by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from torch.nn.functional import normalize

from handloom.division.splits import held_out
from handloom.errors import UserError
from handloom.jobs.classification.answers import answered, prediction
from handloom.jobs.clip.captions import MOST, written
from handloom.jobs.clip.encoder import encoder, text_vectors
from handloom.jobs.clip.options import EvaluateOptions, ZeroShotOptions
from handloom.jobs.clip.pairs import Pairs
from handloom.jobs.clip.zero_shot import (
    class_vectors,
    labels_of,
    probabilities,
    templates_of,
)
from handloom.jobs.images.contents import splits_among
from handloom.jobs.images.data import own_data, read_inputs, require_readable
from handloom.jobs.images.evaluation_data import own_labels
from handloom.jobs.results import NothingHeldOut, Prediction, Predictions, unseen_rows
from handloom.metrics.retrieval import recalls
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.data.images.inputs import Inputs
    from handloom.jobs.clip.records import Evaluation, Record
    from handloom.jobs.loading import Loaded

SHOWN = ("image_to_text_1", "image_to_text_5", "text_to_image_1", "text_to_image_5")


def evaluate(
    run: Loaded[Record], data: str | None = None, options: EvaluateOptions | None = None
) -> Evaluation:
    """Recall among the images and captions of the run's test split (validation without one), or of
    other data: a table image,text, or images in class folders; of these the test split, else the
    validation split, else all, without images that the run was trained on.

    Where other data are the run's own, wherever they lie, they are divided as in training.

    Returns {"data", "split", "images", "captions", "own_data": True of the run's own, "trained_on"
    where images were left out since the run was trained on them, what `metrics.retrieval.recalls`
    returns as "image_to_text_1" and so on}; of a run of classes also "accuracy" by the names of the
    classes, each in several sentences.
    """
    given = options or EvaluateOptions()
    pairs = own_pairs(run) if data is None else _own_at(run, data, given)
    if pairs is None:
        assert data is not None
        return _of_others(run, data, given)
    split = pairs.images.held_out
    if split is None:
        place = data or run.config["data"]
        raise NothingHeldOut(f"{place} has no test or validation split: name others")
    images, caption = pairs.images.splits[split], pairs.caption[split]
    group = pairs.group
    vectors = image_vectors(run, images.image)
    rows = caption.unique()
    texts = text_vectors(run, [pairs.captions.texts[row] for row in rows.tolist()])
    shares = recalls(vectors, texts, group[caption], group[rows])
    return {
        "data": data or run.config["data"], "split": split, "own_data": True,
        "images": len(images), "captions": len(rows),
        **_rounded(shares), **_accuracy(run, vectors, images),
    }  # fmt: skip


def finish(run: Loaded[Record]) -> Evaluation:
    """The evaluation after training."""
    return evaluate(run)


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines: recall both ways, and what words classify."""
    figures: Mapping[str, Any] = evaluation
    ways = []
    for name, what in (("image_to_text", "image to text"), ("text_to_image", "text to image")):
        shown = [f"{percent(figures[f'{name}_{k}'])} at {k}" for k in (1, 5)
                 if f"{name}_{k}" in figures]  # fmt: skip
        ways.append(f"{what} {', '.join(shown)}")
    accuracy = []
    if "accuracy" in evaluation:
        accuracy = [f"{percent(evaluation['accuracy'])} of images are classified rightly by words"]
    return [
        f"{evaluation['split']}: recall {'; '.join(ways)} among "
        f"{pluralize(evaluation['images'], 'image')} and "
        f"{pluralize(evaluation['captions'], 'caption')}",
        *accuracy,
    ]


def predict(
    run: Loaded[Record], inputs: Iterable[str], options: ZeroShotOptions | None = None
) -> Predictions:
    """One record an image, as a classifier's: {"input", "label", "probability", "probabilities"},
    and "actual" where an input is labelled with one of the classes; {"input", "error"} for what
    cannot be read. The classes are those of the training, or any that are named."""
    options = options or ZeroShotOptions()
    labels = labels_of(run, options)
    classes = class_vectors(run, labels, templates_of(run, options.template))
    given = read_inputs(run, list(inputs), options)
    probability = torch.empty(0, len(labels))
    if len(given):
        probability = probabilities(run, image_vectors(run, given.image), classes)
    records: list[Prediction] = []
    for row, name in enumerate(given.names):
        actual = given.labels[row] if given.labels[row] in labels else None
        values = probability[row].tolist()
        split, cells = given.splits[row], given.given[row]
        records.append(prediction(name, labels, values, actual, split, cells))
    records += [{"input": path, "error": reason} for path, reason in given.broken]
    return answered(Predictions(records, given.notes), options, None)


def image_vectors(run: Loaded[Record], image: Tensor) -> Tensor:
    """Vectors float32 (N, D) of decoded images uint8 (N, H, W, C), of length 1, on the CPU."""
    from handloom.encoders.bulk import encode

    return normalize(encode(image, run.once("encoder", lambda: encoder(run))), dim=1)


def own_pairs(run: Loaded[Record]) -> Pairs:
    """The images and captions that a run was trained on, divided as they were."""
    return cast(Pairs, own_data(run))


def _own_at(run: Loaded[Record], data: str, options: EvaluateOptions) -> Pairs | None:
    """The run's own images and captions where those at `data` are they, read as they were then."""
    if options != EvaluateOptions():
        return None
    try:
        return cast(Pairs, own_data(run, data))
    except UserError:
        return None


def _of_others(run: Loaded[Record], data: str, options: EvaluateOptions) -> Evaluation:
    """Images and captions of a table; or images whose classes the run knows in words."""
    given = require_readable(read_inputs(run, [data], options))
    texts = _captions(run, data, options, given)
    split = held_out({given.splits[row] or "" for row in texts})
    rows = [row for row in texts if split is None or given.splits[row] == split]
    learned = run.directory.learned()
    splits = splits_among(run, given.image[rows], [given.digests[row] for row in rows])
    has_test = learned is not None and learned.has_test
    unseen = unseen_rows(splits or [None] * len(rows), "images", data, has_test)
    rows = [rows[place] for place in unseen.rows]
    every = sorted({text for row in rows for text in texts[row]})
    place = {text: row for row, text in enumerate(every)}
    most = max(len(texts[row]) for row in rows)
    caption = torch.tensor(
        [[place[texts[row][k % len(texts[row])]] for k in range(most)] for row in rows]
    )
    group = torch.arange(len(every))
    vectors = image_vectors(run, given.image[rows])
    shares = recalls(vectors, text_vectors(run, every), group[caption], group)
    return {"data": data, "split": split or "all", "images": len(rows), "captions": len(every),
            **cast("Evaluation", unseen.record()), **_rounded(shares)}  # fmt: skip


def _captions(
    run: Loaded[Record], data: str, options: EvaluateOptions, given: Inputs
) -> dict[int, list[str]]:
    """The captions of each image that has some, by its row: of a table of captions those, else
    what its class is called in a sentence."""
    from pathlib import Path

    from handloom.data.io.table import is_table
    from handloom.jobs.clip.config import Config

    path, captions = Path(data).expanduser(), None
    if path.is_file() and is_table(path):
        names = ("image_column", "label_column", "text_column")
        captions = written(path, Config(**{name: vars(options)[name] for name in names}))
    if captions is None:
        if not all(given.labels):
            raise UserError(
                f"'{data}' has neither captions nor labels: give a table with the columns "
                "image,text"
            )
        template = templates_of(run)[0]
        return {row: [template.replace("{}", str(name))] for row, name in enumerate(given.labels)}
    texts = {
        row: [captions.texts[place] for place in captions.of_image[name][:MOST]]
        for row, name in enumerate(given.names) if name in captions.of_image
    }  # fmt: skip
    if not texts:
        raise UserError(f"no image of '{data}' has a caption: fill in its column of texts")
    return texts


def _accuracy(run: Loaded[Record], vectors: Tensor, images: Images) -> Evaluation:
    """How many images are classified right by the names of their classes, of a run of classes."""
    if "classes" not in run.config or images.label is None:
        return {}
    labels = tuple(run.config["classes"])
    classes = class_vectors(run, labels, templates_of(run))
    right = (vectors @ classes.T).argmax(1) == own_labels(run, images)
    return {"accuracy": round(float(right.float().mean()), 6)}


def _rounded(shares: dict[str, Tensor]) -> Evaluation:
    rounded = {name: round(float(value), 6) for name, value in shares.items()}
    return cast("Evaluation", rounded)
