"""Evaluate and predict with a text classifier run."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.data.io.labels import same_class
from handloom.data.io.table import is_table
from handloom.data.text.rows import Reading
from handloom.data.text.source import read_rows
from handloom.data.text.texts import Texts, load_texts
from handloom.data.text.tokenizer import encode, opened
from handloom.errors import UserError
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier import build as text_classifier
from handloom.jobs.text_classifier.explain import read
from handloom.jobs.text_classifier.reading import cut_of, reading_of, reading_of_others
from handloom.objectives.classification import per_class
from handloom.objectives.text_classification import text_metrics

AT_ONCE = 1024  # texts


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Returns {"data", "split", "texts", "accuracy", "balanced_accuracy", "loss" (nats),
    "calibration", "majority": the accuracy of always saying the commonest class, "classes":
    {name: {"texts", "accuracy"}}}.
    """
    split, texts = own_split(run) if data is None else ("all", _labelled(run, data))
    assert texts.label is not None
    probabilities = probabilities_of(run, texts.text)
    metrics = text_metrics(probabilities.clamp(min=1e-9).log(), texts.label)
    return {
        "data": data or run.config["data"],
        "split": split,
        "texts": len(texts),
        **{name: round(value.item(), 6) for name, value in metrics.items()},
        "majority": round(torch.bincount(texts.label).max().item() / len(texts), 6),
        "classes": per_class(run.config["classes"], probabilities.argmax(1), texts.label, "texts"),
    }


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    return (
        f"{found['split']}: accuracy {100 * found['accuracy']:.2f} % (the commonest class alone: "
        f"{100 * found['majority']:.2f} %), balanced {100 * found['balanced_accuracy']:.2f} %, "
        f"loss {found['loss']:.4f}, calibration error {100 * found['calibration']:.1f} %, "
        f"{found['texts']:,} texts"
    )


def predict(run: Loaded, inputs: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One record a text: {"input", "label", "probability", "probabilities"}, and "actual" where a
    table says it. An input is a text, a table, a file with a text on each line, or - for standard
    input, one text a line."""
    for given in inputs:
        if given == "-":
            yield from _lines(run, sys.stdin)
        elif _is_file(given):
            yield from _file(run, Path(given))
        else:
            yield from _records(run, [given], None)


def report(run: Loaded) -> str:
    """The page of a run, as HTML; every wrong answer goes to mistakes.csv beside it."""
    from handloom.jobs.text_classifier.report import report as page

    split, texts = own_split(run)
    probabilities = probabilities_of(run, texts.text)
    run.directory.write_mistakes(mistakes(run.config["classes"], texts, probabilities))
    found = run.directory.evaluation() or evaluate(run)
    made: str = page(run, split, texts, probabilities, found)
    return made


def mistakes(classes: list[str], texts: Texts, probabilities: Tensor) -> str:
    """A CSV table text,actual,predicted,probability of the wrong answers, the surest first.

    probabilities (N, K) of labelled texts; the column is that of the class predicted.
    """
    assert texts.label is not None
    confidence, predicted = probabilities.max(1)
    wrong = (predicted != texts.label).nonzero()[:, 0]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["text", "actual", "predicted", "probability"])
    for i in wrong[confidence[wrong].argsort(descending=True, stable=True)].tolist():
        said = (classes[int(texts.label[i])], classes[int(predicted[i])])
        writer.writerow([texts.text[i], *said, round(float(confidence[i]), 6)])
    return file.getvalue()


def probabilities_of(run: Loaded, texts: list[str]) -> Tensor:
    """Class probabilities (N, K)."""
    tokens, length = tokens_of(run, texts)
    return read(run.networks["network"], tokens, length, run.precision)


def tokens_of(run: Loaded, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Tokens, one text after the other, and lengths, as the run reads them."""
    how = run.config["preprocessing"]
    tokenizer = opened(run.config["tokenizer"])
    return encode(tokenizer, texts, how["tokens"], how["keep_unknown"])


def own_split(run: Loaded) -> tuple[str, Texts]:
    """The texts the run was not trained on, from the data it was trained on."""
    config = text_classifier.Config(**run.config["options"])
    found = load_texts(run.data, cut_of(vars(config)), reading_of(config))
    if found.fingerprint != run.config["fingerprint"]:
        raise UserError(
            f"the texts at {run.config['data']} are no longer those the run was trained on: name "
            f"the data to evaluate on, as in 'handloom evaluate {run.directory.path} TABLE'"
        )
    for name, part in (("test", found.test), ("valid", found.valid)):
        if part is not None:
            return name, part
    raise UserError(f"{run.config['data']} has no test or validation split: name other data")


def _labelled(run: Loaded, data: str) -> Texts:
    """Other texts, with labels in the run's own numbering, by the names of the classes."""
    rows = read_rows(data, _reading(run), labelled=False)
    if rows.target is None:
        raise UserError(f"'{data}' has no column of classes: predict reads texts without one")
    known = {name: i for i, name in enumerate(run.config["classes"])}
    texts, labels = [], []
    for text, name in zip(rows.text, rows.target, strict=True):
        place = same_class(name, known)
        if not text or not name:
            continue
        if place is None:
            raise UserError(
                f"class '{name}' is not one the run knows ({', '.join(known)}): rename it or "
                "leave it out"
            )
        texts.append(text)
        labels.append(place)
    if not texts:
        raise UserError(f"'{data}' holds no text with a target")
    return Texts(texts, torch.tensor(labels))


def _reading(run: Loaded) -> Reading:
    return reading_of_others(run.config["options"], None, None, None, strict=False)


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a zero byte: a text
        return False


def _file(run: Loaded, path: Path) -> Iterator[dict[str, Any]]:
    if is_table(path):
        rows = read_rows(str(path), _reading(run), labelled=False)
        yield from _records(run, rows.text, rows.target)
        return
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _lines(run, file)
    except UnicodeDecodeError as error:
        raise UserError(
            f"'{path}' is not UTF-8 (byte {error.start}): save it as UTF-8, a text on each line"
        ) from None


def _lines(run: Loaded, file: Iterable[str]) -> Iterator[dict[str, Any]]:
    held: list[str] = []
    for line in file:
        if line.strip():
            held.append(line.strip())
        if len(held) == AT_ONCE:
            yield from _records(run, held, None)
            held = []
    if held:
        yield from _records(run, held, None)


def _records(run: Loaded, texts: list[str], target: list[str] | None) -> Iterator[dict[str, Any]]:
    classes = run.config["classes"]
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        for i, row in enumerate(probabilities_of(run, part)):
            values, best = [round(p, 6) for p in row.tolist()], int(row.argmax())
            record = {"input": part[i], "label": classes[best], "probability": values[best]}
            if target is not None:
                record["actual"] = target[start + i]
            yield record | {"probabilities": dict(zip(classes, values, strict=True))}
