"""Evaluate and predict with a classifier run."""

from collections.abc import Iterable

import torch

from handloom.jobs.classification.answers import answered, prediction
from handloom.jobs.classification.corrected import before_corrections
from handloom.jobs.classification.doubts import beside_folds
from handloom.jobs.classification.evaluation import (
    Evaluation,
    beside,
    calibrate,
    calibrated,
    without_repeated,
)
from handloom.jobs.classification.lines import evaluation_lines
from handloom.jobs.classifier.answers import of_training_images, split_logits
from handloom.jobs.classifier.config import Resolved
from handloom.jobs.classifier.logits import logits_of, probabilities
from handloom.jobs.classifier.records import Record
from handloom.jobs.classifier.rival import rival
from handloom.jobs.images.contents import splits_among
from handloom.jobs.images.data import (
    ImageEvaluateOptions,
    ImagePredictOptions,
    own_data,
    read_inputs,
)
from handloom.jobs.images.evaluation_data import EvaluationData, evaluation_data, own_labels
from handloom.jobs.loading import Loaded
from handloom.jobs.results import Predictions, tell_split


def finish(run: Loaded[Record]) -> Evaluation:
    """Once after training: calibrate on images that were not learned from, and evaluate.

    The temperature goes into config.json, and the logits of every prediction are divided by it.
    That of a head on an encoder is fitted on its training images, by folds, so that few validation
    images are enough. A tutorial's network is left as the tutorial leaves it, and few images say
    too little.
    """
    data = own_data(run)
    valid, options = data.valid, run.options(Resolved)
    by_folds = of_training_images(run, data) if options.tune == "head" else None
    if by_folds is not None:
        calibrate(run, by_folds.logits, by_folds.label, "folds")
    elif valid is not None and options.preset is None:
        calibrate(run, split_logits(run, "valid", valid), own_labels(run, valid), "valid")
    return _evaluated(run, evaluation_data(run, None))


def evaluate(
    run: Loaded[Record],
    data: str | None = None,
    options: ImageEvaluateOptions | None = None,
) -> Evaluation:
    """Metrics on the run's test split (its validation split if it has none), or on other data.

    Of other data the test split is taken, else the validation split, else all. Of data the run was
    trained on, only what it was not trained on is evaluated.
    """
    return _evaluated(run, evaluation_data(run, data, options or ImageEvaluateOptions()))


def _evaluated(run: Loaded[Record], data: EvaluationData) -> Evaluation:
    label = own_labels(run, data.images)
    if data.train is not None:  # the run's own
        logits = split_logits(run, data.split, data.images)
    else:
        logits = logits_of(run, data.images.image)
    evaluation: Evaluation = {
        "data": data.data,
        "split": data.split,
        **calibrated(run.config, logits, label, "images", group=data.together),
        **without_repeated(logits.argmax(1) == label, data.repeated),
        **before_corrections(
            data.uncorrected, logits, lambda images: logits_of(run, images.image), "image"
        ),
        **data.record(),
    }
    if data.train is None:
        return evaluation
    evaluation = beside(evaluation, rival(run, data.train, data.images, label))
    return beside_folds(run, evaluation, "images")


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, for the terminal."""
    return evaluation_lines(evaluation, "images")


def predict(
    run: Loaded[Record], inputs: Iterable[str], options: ImagePredictOptions | None = None
) -> Predictions:
    """One record an image: {"input", "label", "probability", "probabilities"}, and "actual" where
    an input is labelled, "split" where it is in one, or was in the training, "trained_on": True of
    a labelled image that the run was trained on, and the other columns of a table by their names;
    {"input", "error"} for what cannot be read.

    What `top` and `abstain_below` change is in `jobs.classification.answers`.
    """
    options = options or ImagePredictOptions()
    given = read_inputs(run, inputs, options)
    # Labels of other classes than the run's say nothing about its predictions.
    known = set(given.labels) & set(run.config["classes"])
    splits = splits_among(run, given.image, given.digests) if known else None
    likely = probabilities(run, given.image) if len(given) else torch.empty(0)
    records = [
        prediction(
            name,
            run.config["classes"],
            likely[row].tolist(),
            given.labels[row] if known else None,
            given.splits[row],
            given.given[row],
        )
        for row, name in enumerate(given.names)
    ]
    for row, split in enumerate(splits or ()):
        tell_split(records[row], split)
    records += [{"input": path, "error": reason} for path, reason in given.broken]
    return answered(Predictions(records, given.notes), options, run.config.get("temperature"))
