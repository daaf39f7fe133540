"""Evaluate a text classifier run, and its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.data.io.labels import same_class
from handloom.data.text.cut import Texts
from handloom.data.text.rows import Rows
from handloom.data.text.sameness import normalized, same_texts
from handloom.data.text.source import read_rows
from handloom.data.text.texts import TextSet
from handloom.division.splits import held_out
from handloom.errors import UserError
from handloom.jobs.classification.corrected import before_corrections
from handloom.jobs.classification.doubts import beside_folds
from handloom.jobs.classification.evaluation import (
    ENOUGH,
    Evaluation,
    OptionalFigures,
    Threshold,
    calibrate,
    calibrated,
    without_repeated,
)
from handloom.jobs.classification.lines import evaluation_lines
from handloom.jobs.loading import Loaded
from handloom.jobs.results import NothingHeldOut, Unseen, unseen_rows
from handloom.jobs.text_classifier.calibration import out_of_fold
from handloom.jobs.text_classifier.config import Config, Resolved
from handloom.jobs.text_classifier.contents import content_of
from handloom.jobs.text_classifier.explain import logits_of, probabilities_of
from handloom.jobs.text_classifier.names import is_solved
from handloom.jobs.text_classifier.options import EvaluateOptions
from handloom.jobs.text_classifier.reading import cut_of, labelled_texts, reading_of_others
from handloom.jobs.text_classifier.records import Record
from handloom.jobs.training.places import check_own, options_of
from handloom.metrics.classification import best_threshold
from handloom.runs.learned import Learned

DEFAULT = EvaluateOptions()


def finish(run: Loaded[Record]) -> Evaluation:
    """Once after training: fit the temperature, and evaluate.

    On the validation split; where that is too small and the model is solved in closed form, on the
    folds of the training texts, each answered by such a model fitted to the others. A tutorial's
    network is left as the tutorial leaves it.
    """
    if run.options(Resolved).preset is None:
        texts = own_texts(run)
        valid, different = texts.valid, set(map(normalized, texts.train.text))
        if valid is not None and len(valid) >= ENOUGH:
            assert valid.label is not None
            calibrate(run, logits_of(run, valid.text), valid.label, "valid")
        elif is_solved(run.options(Resolved).network) and len(different) >= ENOUGH:
            folds = out_of_fold(run)
            calibrate(run, folds.logits, folds.label, "folds")
    return evaluate(run)


def evaluate(
    run: Loaded[Record], data: str | None = None, options: EvaluateOptions = DEFAULT
) -> Evaluation:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Where other data are the run's own, wherever they lie, they are divided as in training.
    """
    used = _evaluated(run, data, options)
    label = used.texts.label
    assert label is not None
    logits = _own_logits(run, used.texts) if used.is_own else logits_of(run, used.texts.text)
    probabilities = probabilities_of(run, logits)
    classes = run.config["classes"]
    rarer = _rarer(run, label) if len(classes) == 2 else None
    predicted = _predicted(probabilities, rarer, options.threshold)
    group = torch.tensor(same_texts(used.texts.text))
    known: OptionalFigures = {"own_data": True} if used.is_own else {}
    known = {**known, **used.unseen.record()}
    evaluation: Evaluation = {
        "data": data or run.config["data"],
        "split": used.split,
        **known,
        "broken": list(used.broken),
        **calibrated(run.config, logits, label, "texts", predicted, group),
    }
    if rarer is not None:
        evaluation["threshold"] = _threshold(
            classes[rarer], options.threshold, probabilities[:, rarer], label == rarer
        )
    if used.is_own:
        old = own_texts(run, data).uncorrected.get(used.split)
        corrected = before_corrections(
            old, logits, lambda texts: logits_of(run, texts.text), "text"
        )
        evaluation = {**evaluation, **corrected}
    evaluation = {**evaluation, **without_repeated(predicted == label, used.repeated)}
    if not used.is_own or run.options(Resolved).class_weights == "balanced":
        return evaluation  # folds then have balanced accuracies
    return beside_folds(run, evaluation, "texts")


def _threshold(name: str, used: float | None, probability: Tensor, is_it: Tensor) -> Threshold:
    """What an evaluation says of the threshold. name, probability: of the rarer class."""
    best, f1 = best_threshold(probability, is_it)
    return {"class": name, "used": used, "best": round(best, 6), "best_f1": round(f1, 6)}


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, for the terminal."""
    return evaluation_lines(evaluation, "texts")


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML; mistakes.csv goes beside it."""
    from handloom.jobs.text_classifier.mistakes import table, with_corrections
    from handloom.jobs.text_classifier.report import report as page
    from handloom.jobs.text_classifier.report import without_data
    from handloom.jobs.text_classifier.review import answered, lines, suspects

    recorded = run.evaluation(Evaluation)
    try:
        split, texts, _ = _own(run)
    except NothingHeldOut:
        raise
    except UserError as error:
        if recorded is None:
            raise
        return without_data(run, recorded, str(error))
    probabilities = probabilities_of(run, _own_logits(run, texts))
    everything = own_texts(run)
    answers = answered(run, everything, split, probabilities)
    doubted = suspects(answers)
    rows = lines(run.config["classes"], everything, answers, doubted)
    rows = with_corrections(rows, run.directory.path / "mistakes.csv")
    run.directory.write_mistakes(table(rows))
    evaluation = recorded or evaluate(run)
    html: str = page(run, everything, answers, doubted, evaluation)
    return html


class _Evaluated(NamedTuple):
    """The texts that an evaluation looks at.

    is_own: they are the run's own. repeated: bool (N,), which of these were trained on too; None of
    others, of which those are left out, as `unseen` says. broken: {"path", "reason"} of rows.
    """

    split: str
    texts: Texts
    is_own: bool
    repeated: Tensor | None = None
    unseen: Unseen = Unseen([])
    broken: Sequence[dict[str, str]] = ()


def _evaluated(run: Loaded[Record], data: str | None, options: EvaluateOptions) -> _Evaluated:
    if data is None or _is_own(run, data, options):
        split, texts, repeated = _own(run, data)
        return _Evaluated(split, texts, True, repeated)
    split, texts, broken = _others(run, data, options)
    learned = run.directory.learned() or Learned(b"")
    splits = [learned.split_of(content_of(text)) for text in texts.text]
    unseen = unseen_rows(splits, "texts", data, learned.has_test)
    return _Evaluated(split, texts.subset(torch.tensor(unseen.rows)), False, None, unseen, broken)


def _is_own(run: Loaded[Record], data: str, options: EvaluateOptions) -> bool:
    """Whether these are the texts that the run was trained on, read as they were then."""
    if replace(options, threshold=None, strict=False) != DEFAULT:
        return False
    try:
        own_texts(run, data)
    except UserError:
        return False
    return True


def _own(run: Loaded[Record], place: str | None = None) -> tuple[str, Texts, Tensor]:
    """The texts the run was not trained on, from the data it was trained on, which lie at `place`
    now; and which of them, bool (N,), stand among those it was."""
    texts = own_texts(run, place)
    learned = set(map(normalized, texts.train.text))
    split = texts.held_out
    if split is None:
        place = place or run.config["data"]
        raise NothingHeldOut(f"{place} has no test or validation split: name other data")
    part = texts.splits[split]
    return split, part, torch.tensor([normalized(text) in learned for text in part.text])


def _own_logits(run: Loaded[Record], texts: Texts) -> Tensor:
    """Logits (N, K) of the texts that `_own` gives."""
    return run.once("logits", lambda: logits_of(run, texts.text))


def own_texts(run: Loaded[Record], place: str | None = None) -> TextSet:
    """The texts that a run was trained on, divided as they were; as `own_data` of images."""
    place = place or run.data
    return run.once(("texts", place), lambda: _read_own_texts(run, place))


def _read_own_texts(run: Loaded[Record], place: str) -> TextSet:
    config = Config(**options_of(run.directory, run.config))
    texts = labelled_texts(config, place, cut_of(config))
    count = sum(map(len, texts.splits.values()))
    check_own(run.directory, run.config, texts.fingerprint, place, count)
    return texts


def _others(
    run: Loaded[Record], data: str, options: EvaluateOptions
) -> tuple[str, Texts, list[dict[str, str]]]:
    """Other texts, with labels in the run's own numbering, by the names of the classes: the test
    part where the data have one, else the validation part, else all; and rows left out."""
    reading = reading_of_others(
        run.recorded, options.encoding, options.text_column, options.target_column,
        options.splits, options.strict,
    )  # fmt: skip
    rows = read_rows(data, reading)
    if rows.target is None:
        raise UserError(
            f"'{data}' has no column of classes: name it with --target-column; predict reads texts "
            "without one"
        )
    known = {name: i for i, name in enumerate(run.config["classes"])}
    split, chosen = _split(rows)
    texts, labels, strange = [], [], []
    broken = [{"path": data, "reason": reason} for _, reason in rows.broken]
    for i in chosen:
        text, name = rows.text[i], rows.target[i]
        if text and name:
            place = same_class(name, known)
            texts.append(text)
            labels.append(-1 if place is None else place)
            strange += [name] if place is None else []
        else:
            reason = f"{rows.where[i]} has no {'target' if text else 'text'}"
            broken.append({"path": data, "reason": reason})
    if strange:
        raise UserError(
            f"class '{strange[0]}' is not one the run knows ({', '.join(list(known)[:12])}), in "
            f"{len(strange):,} of {len(texts):,} rows of '{data}': rename it or leave it out"
        )
    if not texts:
        raise UserError(f"'{data}' has no text with a target: give labelled texts")
    return split, Texts(texts, torch.tensor(labels)), broken


def _split(rows: Rows) -> tuple[str, list[int]]:
    name = held_out([split for split in rows.split or () if split is not None])
    if name is None or rows.split is None:
        return "all", list(range(len(rows.text)))
    return name, [i for i, split in enumerate(rows.split) if split == name]


def _rarer(run: Loaded[Record], label: Tensor) -> int:
    """The rarer class of two in training; a run of before that was recorded takes it of these."""
    known: str | None = run.config.get("rarer")
    if known is None:
        return int(torch.bincount(label, minlength=2).argmin())
    place: int = run.config["classes"].index(known)
    return place


def _predicted(probabilities: Tensor, rarer: int | None, threshold: float | None) -> Tensor:
    """The likelier class; of two, with a threshold, the rarer one from that probability on."""
    if threshold is None:
        return probabilities.argmax(1)
    if rarer is None:
        raise UserError(
            f"--threshold {threshold}: the run has {probabilities.shape[1]} classes, and a "
            "threshold divides two; leave it out"
        )
    return torch.where(probabilities[:, rarer] >= threshold, rarer, 1 - rarer)
