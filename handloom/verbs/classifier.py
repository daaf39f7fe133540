"""Evaluate and predict with a classifier run."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.data import load as load_pictures
from handloom.data.decode import decode
from handloom.data.pictures import Pictures
from handloom.errors import UserError
from handloom.inference.classify import classify
from handloom.load import Loaded
from handloom.objectives.classification import classification_metrics
from handloom.recipes import classifier


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Returns {"data", "split", "pictures", "loss" (nats), "accuracy", "calibration", "classes":
    {name: {"pictures", "accuracy"}}}.
    """
    split, pictures = _own_split(run) if data is None else ("all", _labelled(run, data))
    probabilities = classify(run.networks["network"], pictures.image, run.precision)
    label = _labels(run, pictures)
    metrics = classification_metrics(probabilities.log(), label)
    return {
        "data": data or run.config["data"],
        "split": split,
        "pictures": len(pictures),
        **{name: round(value.item(), 6) for name, value in metrics.items()},
        "classes": _per_class(run.config["classes"], probabilities.argmax(1), label),
    }


def sentence(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    return (
        f"{found['split']}: accuracy {100 * found['accuracy']:.2f} %, loss {found['loss']:.4f}, "
        f"calibration error {100 * found['calibration']:.1f} %, {found['pictures']:,} pictures"
    )


def predict(run: Loaded, inputs: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One record a picture: {"input", "label", "probability", "probabilities"}, and "actual" where
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
    pictures = _any(run, given)
    probabilities = _probabilities(run, pictures.image)
    for i, name in enumerate(pictures.names):
        actual = None if pictures.label is None else pictures.classes[int(pictures.label[i])]
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
    return classify(run.networks["network"], pixels, run.precision)


def _own_split(run: Loaded) -> tuple[str, Pictures]:
    """The split the run was not trained on, from the data it was trained on."""
    config = classifier.Config(**run.config["options"])
    data = classifier.load(config, run.config["data"], lambda *_: None)
    if data.fingerprint != run.config["fingerprint"]:
        raise UserError(
            f"the data at {run.config['data']} are no longer those the run was trained on: name "
            f"the data to evaluate on, as in 'handloom evaluate {run.directory.path} FOLDER'"
        )
    for name, part in (("test", data.test), ("valid", data.valid)):
        if part is not None:
            return name, part
    raise UserError(f"{run.config['data']} has no test or validation split: name other data")


def _labelled(run: Loaded, data: str) -> Pictures:
    return _whole(run, data, labelled=True)


def _any(run: Loaded, data: str) -> Pictures:
    """Labelled if it is, otherwise not."""
    try:
        return _whole(run, data, labelled=True)
    except UserError:
        return _whole(run, data, labelled=False)


def _whole(run: Loaded, data: str, labelled: bool) -> Pictures:
    """Every picture of a set, its test split alone where it has one of its own."""
    shape = run.config["preprocessing"]
    found = load_pictures(
        data, size=shape["size"][0], channels=shape["channels"], validation=0.0, labelled=labelled
    )
    return found.test if found.test is not None else found.train


def _labels(run: Loaded, pictures: Pictures) -> Tensor:
    """Labels in the run's own numbering, by the names of the classes."""
    known = {name: i for i, name in enumerate(run.config["classes"])}
    strange = [name for name in pictures.classes if name not in known]
    if strange:
        raise UserError(
            f"class '{strange[0]}' is unknown to the run, which has "
            f"{', '.join(known)}: rename it or leave it out"
        )
    assert pictures.label is not None
    return torch.tensor([known[name] for name in pictures.classes])[pictures.label]


def _per_class(classes: list[str], predicted: Tensor, label: Tensor) -> dict[str, dict[str, float]]:
    found = {}
    for i, name in enumerate(classes):
        of_class = label == i
        if of_class.any():
            accuracy = (predicted[of_class] == i).float().mean().item()
            found[name] = {"pictures": int(of_class.sum()), "accuracy": round(accuracy, 6)}
    return found
