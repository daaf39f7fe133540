"""Evaluate and predict with a classifier run."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.data.images import load as load_images
from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.decode import decode
from handloom.engine.inference import classify, fit_temperature, logits_of
from handloom.errors import UserError
from handloom.jobs.classifier import build as classifier
from handloom.jobs.loading import Loaded
from handloom.objectives.classification import classification_metrics, per_class

ENOUGH = 100  # validation images, below which a temperature is not fitted


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: calibrate on the validation split, and evaluate.

    The temperature goes into config.json, and the logits of every prediction are divided by it.
    A tutorial's network is left as the tutorial leaves it, and few images say too little.
    """
    splits = _own_splits(run)
    valid = splits.get("valid")
    if valid is not None and len(valid) >= ENOUGH and run.config["options"]["preset"] is None:
        logits = logits_of(run.networks["network"], valid.image, run.precision)
        run.config["temperature"] = round(fit_temperature(logits, _labels(run, valid)), 4)
        run.directory.write_config(run.config)
    return _evaluated(run, run.config["data"], *_unseen(run, splits))


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Returns {"data", "split", "images", "loss" (nats), "accuracy", "calibration", "temperature",
    "classes": {name: {"images", "accuracy"}}}. Of data the run was trained on, only what it was
    not trained on is judged.
    """
    if data is None:
        return _evaluated(run, run.config["data"], *_unseen(run, _own_splits(run)))
    found = _loaded(run, data, labelled=True)
    if found.fingerprint == run.config["fingerprint"]:
        return _evaluated(run, data, *_unseen(run, _own_splits(run)))
    split, images = ("test", found.test) if found.test is not None else ("all", found.train)
    return _evaluated(run, data, split, images)


def _evaluated(run: Loaded, data: str, split: str, images: Images) -> dict[str, Any]:
    label = _labels(run, images)
    logits = logits_of(run.networks["network"], images.image, run.precision)
    logits = logits / run.config.get("temperature", 1.0)
    metrics = classification_metrics(logits, label)
    return {
        "data": data,
        "split": split,
        "images": len(images),
        **{name: round(value.item(), 6) for name, value in metrics.items()},
        "temperature": run.config.get("temperature", 1.0),
        "classes": per_class(run.config["classes"], logits.argmax(1), label, "images"),
    }


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    return (
        f"{found['split']}: accuracy {100 * found['accuracy']:.2f} %, loss {found['loss']:.4f}, "
        f"calibration error {100 * found['calibration']:.1f} %, {found['images']:,} images"
    )


def predict(run: Loaded, inputs: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One record an image: {"input", "label", "probability", "probabilities"}, and "actual" where
    an input is labelled (class folders, a table, a named set)."""
    for given in inputs:
        path = Path(given)
        if path.is_file() and path.suffix.lower() not in (".csv", ".parquet"):
            yield _record(
                run, given, _probabilities(run, decode(path, run.config["preprocessing"])[None])[0]
            )
        else:
            yield from _predict_set(run, given)


def _predict_set(run: Loaded, given: str) -> Iterator[dict[str, Any]]:
    images = _any(run, given)
    # Labels of other classes than the run's say nothing about its predictions.
    labelled = bool(set(images.classes) & set(run.config["classes"]))
    probabilities = _probabilities(run, images.image)
    for i, name in enumerate(images.names):
        actual = None
        if labelled and images.label is not None:
            actual = images.classes[int(images.label[i])]
        yield _record(run, name, probabilities[i], actual)


def _record(
    run: Loaded, name: str, probabilities: Tensor, actual: str | None = None
) -> dict[str, Any]:
    classes, values = run.config["classes"], [round(p, 6) for p in probabilities.tolist()]
    best = int(probabilities.argmax())
    record = {"input": name, "label": classes[best], "probability": values[best]}
    if actual is not None:
        record["actual"] = actual
    return record | {"probabilities": dict(zip(classes, values, strict=True))}


def _probabilities(run: Loaded, pixels: Tensor) -> Tensor:
    network, temperature = run.networks["network"], run.config.get("temperature", 1.0)
    return classify(network, pixels, run.precision, temperature)


def _own_splits(run: Loaded) -> dict[str, Images]:
    """The splits of the data the run was trained on, as they were then."""
    config = classifier.Config(**run.config["options"])
    data = classifier.load(config, run.data, lambda *_: None)
    if data.fingerprint != run.config["fingerprint"]:
        raise UserError(
            f"the data at {run.config['data']} are no longer those the run was trained on: name "
            f"the data to evaluate on, as in 'handloom evaluate {run.directory.path} FOLDER'"
        )
    return classifier.splits(data)


def _unseen(run: Loaded, splits: dict[str, Images]) -> tuple[str, Images]:
    for name in ("test", "valid"):
        if name in splits:
            return name, splits[name]
    raise UserError(f"{run.config['data']} has no test or validation split: name other data")


def _any(run: Loaded, data: str) -> Images:
    """Every image of a set, its test split alone where it has one; labelled if it is."""
    try:
        found = _loaded(run, data, labelled=True)
    except UserError:
        found = _loaded(run, data, labelled=False)
    return found.test if found.test is not None else found.train


def _loaded(run: Loaded, data: str, labelled: bool) -> DataSet:
    shape = run.config["preprocessing"]
    return load_images(
        data, size=shape["size"][0], channels=shape["channels"], validation=0.0, labelled=labelled
    )


def _labels(run: Loaded, images: Images) -> Tensor:
    """Labels in the run's own numbering, by the names of the classes."""
    known = {name: i for i, name in enumerate(run.config["classes"])}
    strange = [name for name in images.classes if name not in known]
    if strange:
        raise UserError(
            f"class '{strange[0]}' is unknown to the run, which has "
            f"{', '.join(known)}: rename it or leave it out"
        )
    assert images.label is not None
    return torch.tensor([known[name] for name in images.classes])[images.label]
