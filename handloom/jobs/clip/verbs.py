"""Evaluate a CLIP run by retrieval both ways, and classify images by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from torch.nn.functional import normalize

from handloom.data.io.labels import normal
from handloom.errors import UserError
from handloom.jobs.answers import answered
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
from handloom.jobs.image_data import own_data, read_inputs, require_readable
from handloom.jobs.results import NothingHeldOut, Predictions
from handloom.metrics.retrieval import recalls
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.jobs.loading import Loaded

SHOWN = ("image_to_text_1", "image_to_text_5", "text_to_image_1", "text_to_image_5")


def evaluate(
    run: Loaded, data: str | None = None, options: EvaluateOptions | None = None
) -> dict[str, Any]:
    """Recall among the images and captions of the run's test split (validation without one), or of
    other data: a table image,text, or images in class folders.

    Returns {"data", "split", "images", "captions", what `metrics.retrieval.recalls` returns as
    "image_to_text_1" and so on}; of a run of classes also "accuracy" by the names of the classes,
    each in several sentences.
    """
    if data is not None:
        return _of_others(run, data, options or EvaluateOptions())
    pairs = own_pairs(run)
    split = pairs.images.held_out
    if split is None:
        raise NothingHeldOut(f"{run.config['data']} has no test or validation split: name others")
    images, caption = pairs.images.splits[split], pairs.caption[split]
    group = pairs.group
    vectors = image_vectors(run, images.image)
    rows = caption.unique()
    texts = text_vectors(run, [pairs.captions.texts[row] for row in rows.tolist()])
    shares = recalls(vectors, texts, group[caption], group[rows])
    return {
        "data": run.config["data"], "split": split, "images": len(images), "captions": len(rows),
        **_rounded(shares), **_accuracy(run, vectors, images),
    }  # fmt: skip


def finish(run: Loaded) -> dict[str, Any]:
    """The evaluation after training."""
    return evaluate(run)


def describe(evaluation: dict[str, Any]) -> str:
    """An evaluation in one line."""
    ways = []
    for name, what in (("image_to_text", "image to text"), ("text_to_image", "text to image")):
        shown = [f"{percent(evaluation[f'{name}_{k}'])} at {k}" for k in (1, 5)
                 if f"{name}_{k}" in evaluation]  # fmt: skip
        ways.append(f"{what} {', '.join(shown)}")
    accuracy = ""
    if "accuracy" in evaluation:
        accuracy = f"; {percent(evaluation['accuracy'])} of images classified by words"
    return (
        f"{evaluation['split']}: recall {'; '.join(ways)} among "
        f"{pluralize(evaluation['images'], 'image')} and "
        f"{pluralize(evaluation['captions'], 'caption')}{accuracy}"
    )


def predict(
    run: Loaded, inputs: Iterable[str], options: ZeroShotOptions | None = None
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
    records: list[dict[str, Any]] = []
    for row, name in enumerate(given.names):
        values = [round(value, 6) for value in probability[row].tolist()]
        best = max(range(len(values)), key=values.__getitem__)
        record = {"input": name, "label": labels[best], "probability": values[best]}
        if given.labels[row] in labels:
            record["actual"] = given.labels[row]
        if given.splits[row] is not None:
            record["split"] = given.splits[row]
        records.append(record | {"probabilities": dict(zip(labels, values, strict=True))})
    records += [{"input": path, "error": reason} for path, reason in given.broken]
    return answered(Predictions(records, given.notes), options, None)


def image_vectors(run: Loaded, image: Tensor) -> Tensor:
    """Vectors float32 (N, D) of decoded images uint8 (N, H, W, C), of length 1, on the CPU."""
    from handloom.encoders.bulk import encode

    return normalize(encode(image, run.once("encoder", lambda: encoder(run))), dim=1)


def own_pairs(run: Loaded) -> Pairs:
    """The images and captions that a run was trained on, divided as they were."""
    return cast(Pairs, own_data(run))


def _of_others(run: Loaded, data: str, options: EvaluateOptions) -> dict[str, Any]:
    """Images and captions of a table; or images whose classes the run knows in words."""
    table = _table(run, data, options)
    if table is not None:
        names, texts, image = table
    else:
        given = require_readable(read_inputs(run, [data], options))
        if not all(given.labels):
            raise UserError(f"'{data}' has neither captions nor labels: give a table image,text")
        image, names = given.image, given.names
        templates = templates_of(run)
        texts = [[templates[0].replace("{}", str(label))] for label in given.labels]
    every = sorted({text for mine in texts for text in mine})
    place = {text: row for row, text in enumerate(every)}
    most = max(map(len, texts))
    caption = torch.tensor([[place[mine[k % len(mine)]] for k in range(most)] for mine in texts])
    group = torch.arange(len(every))
    shares = recalls(image_vectors(run, image), text_vectors(run, every), group[caption], group)
    return {"data": data, "split": "all", "images": len(names), "captions": len(every),
            **_rounded(shares)}  # fmt: skip


def _table(
    run: Loaded, data: str, options: EvaluateOptions
) -> tuple[Sequence[str], list[list[str]], Tensor] | None:
    """Names, captions and pixels of the images of a table of captions; None for anything else."""
    from pathlib import Path

    from handloom.data.io.table import is_table
    from handloom.jobs.clip.config import Config

    path = Path(data).expanduser()
    if not (path.is_file() and is_table(path)):
        return None
    kept = {name: vars(options)[name] for name in ("image_column", "label_column", "text_column")}
    captions = written(path, Config(**kept))
    if captions is None:
        return None
    given = require_readable(read_inputs(run, [data], options))
    rows = [row for row, name in enumerate(given.names) if name in captions.of_image]
    if not rows:
        raise UserError(f"no image of '{data}' has a caption: fill in its column of texts")
    texts = [[captions.texts[place] for place in captions.of_image[given.names[row]][:MOST]]
             for row in rows]  # fmt: skip
    return [given.names[row] for row in rows], texts, given.image[rows]


def _accuracy(run: Loaded, vectors: Tensor, images: Images) -> dict[str, float]:
    """How many images are classified right by the names of their classes, of a run of classes."""
    if "classes" not in run.config or images.label is None:
        return {}
    labels = tuple(run.config["classes"])
    classes = class_vectors(run, labels, templates_of(run))
    known = {normal(name): place for place, name in enumerate(labels)}
    actual = torch.tensor([known[normal(name)] for name in images.classes])[images.label]
    right = (vectors @ classes.T).argmax(1) == actual
    return {"accuracy": round(float(right.float().mean()), 6)}


def _rounded(shares: dict[str, Tensor]) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in shares.items()}
