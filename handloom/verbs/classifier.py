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
from handloom.inference.classify import classify, fit_temperature, logits_of
from handloom.load import Loaded
from handloom.objectives.classification import classification_metrics
from handloom.recipes import classifier


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: calibrate on the validation split, and evaluate.

    The temperature goes into config.json, and every probability of the run is divided by it.
    """
    splits = _own_splits(run)
    if "valid" in splits:
        valid = splits["valid"]
        logits = logits_of(run.networks["network"], valid.image, run.precision)
        run.config["temperature"] = round(fit_temperature(logits, _labels(run, valid)), 4)
        run.directory.write_config(run.config)
    return _evaluated(run, run.config["data"], *_unseen(run, splits))


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Returns {"data", "split", "pictures", "loss" (nats), "accuracy", "calibration", "classes":
    {name: {"pictures", "accuracy"}}}.
    """
    if data is None:
        return _evaluated(run, run.config["data"], *_unseen(run, _own_splits(run)))
    return _evaluated(run, data, "all", _whole(run, data, labelled=True))


def _evaluated(run: Loaded, data: str, split: str, pictures: Pictures) -> dict[str, Any]:
    probabilities, label = _probabilities(run, pictures.image), _labels(run, pictures)
    metrics = classification_metrics(probabilities.log(), label)
    return {
        "data": data,
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
    network, temperature = run.networks["network"], run.config.get("temperature", 1.0)
    return classify(network, pixels, run.precision, temperature)


def _own_splits(run: Loaded) -> dict[str, Pictures]:
    """The splits of the data the run was trained on, as they were then."""
    config = classifier.Config(**run.config["options"])
    data = classifier.load(config, run.config["data"], lambda *_: None)
    if data.fingerprint != run.config["fingerprint"]:
        raise UserError(
            f"the data at {run.config['data']} are no longer those the run was trained on: name "
            f"the data to evaluate on, as in 'handloom evaluate {run.directory.path} FOLDER'"
        )
    return classifier.splits(data)


def _unseen(run: Loaded, splits: dict[str, Pictures]) -> tuple[str, Pictures]:
    for name in ("test", "valid"):
        if name in splits:
            return name, splits[name]
    raise UserError(f"{run.config['data']} has no test or validation split: name other data")


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
