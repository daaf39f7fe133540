"""What to do next, in sentences that follow from the numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from handloom.jobs.classification.evaluation import ENOUGH as ENOUGH_ANSWERS
from handloom.jobs.classification.evaluation import SAID, Evaluation, measured
from handloom.jobs.classification.page import SPLITS, WIDE, abstaining
from handloom.jobs.classifier.answers import of_training_images
from handloom.jobs.classifier.config import Resolved
from handloom.jobs.classifier.review import Review
from handloom.jobs.images.data import ImageDataOptions, ImageReadingOptions
from handloom.jobs.pages import another_training, corrected_training, longer, use
from handloom.runs.records import Metrics
from handloom.wording import join_and, pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

MOST = 5  # sentences
FEWEST = 5  # images of a class, below which its recall says nothing
HALF_WIDTH = 0.03  # of the interval that more held-out images should bring
MEMORISED = 0.15  # by which training images are known better than others
ENOUGH = 0.97  # accuracy from which on no other training is worth a sentence


def advice(
    run: Loaded[Record], data: DataSet, evaluation: Evaluation, review: Review
) -> list[str | Markup]:
    """At most five sentences, the most useful first."""
    sentences: list[str | Markup] = [
        *_labels(run, review),
        *_copies(run, evaluation),
        *_weakest(run, data, evaluation),
        *_training(run, evaluation),
        *abstaining(run, evaluation, "images", "NEW", _by_folds(run, data)),
        *_more_held_out(evaluation),
    ]
    return [*sentences[: MOST - 1], use(run)]


def _by_folds(run: Loaded[Record], data: DataSet) -> Evaluation | None:
    """`measured` of the training images of a head on an encoder, each answered by a head that was
    solved without it, at the run's temperature."""
    if run.options(Resolved).tune != "head":
        return None
    answers = of_training_images(run, data)
    if answers is None or len(answers.rows) < ENOUGH_ANSWERS:
        return None
    logits = answers.logits / run.config.get("temperature", 1.0)
    return measured(logits, answers.label, run.config["classes"], "images")


def _again(run: Loaded[Record], reading: type, *more: str) -> Markup:
    """The command for another training of this network on these data."""
    options = run.options(Resolved)
    weights = ["--weights", options.weights] if options.weights else []
    return another_training(run, reading, "--network", options.network, *weights, *more)


WRITE = (
    "write the right class or <code>drop</code> into the column <code>correction</code>, then "
    "train again: {}"
)


def _labels(run: Loaded[Record], review: Review) -> Iterator[Markup]:
    certain, count = review.faults.to_correct(), len(review.wrong_labels)
    if certain:
        first = "Mend what is certainly wrong ({}): in the first lines of mistakes.csv, "
        yield Markup(first + WRITE).format(join_and(certain), corrected_training(run))
    if count:
        first = "Look at the {} whose labels may be wrong, the likeliest first. In mistakes.csv, "
        yield Markup(first + WRITE).format(pluralize(count, "image"), corrected_training(run))


def _copies(run: Loaded[Record], evaluation: Evaluation) -> Iterator[Markup]:
    count = evaluation.get("repeated", 0)
    if count:
        alone = evaluation["accuracy_without_repeated"]
        yield Markup(
            "{} of the {} images are near-duplicates of training images, which flatters the "
            "figures{}: move each pair into one split, or leave the copies out: {}"
        ).format(
            f"{count:,}",
            SPLITS[evaluation["split"]],
            "" if alone is None else f" (without them it is right on {100 * alone:.1f} %)",
            _again(run, ImageReadingOptions, "--duplicates", "drop"),
        )


def _weakest(run: Loaded[Record], data: DataSet, evaluation: Evaluation) -> Iterator[str]:
    entries = {
        name: entry
        for name, entry in evaluation["classes"].items()
        if entry["images"] >= FEWEST and entry["recall"] < 1
    }
    if not entries:
        return
    name = min(entries, key=lambda name: entries[name]["recall"])
    entry, classes = entries[name], run.config["classes"]
    right = round(entry["recall"] * entry["images"])
    place = classes.index(name)
    wrong = [cell for cell in evaluation["confusion"] if cell[0] == place != cell[1]]
    _, taken, times = max(wrong, key=lambda cell: cell[2])
    assert data.train.label is not None
    number = int((data.train.label == place).sum())
    yield (
        f"Add images of '{name}', which has {number:,} training images now: {right} of "
        f"{entry['images']} are recognised, and it is most often taken for '{classes[taken]}' "
        f"({times}). If a person cannot tell the two apart either, make them one class."
    )


def _training(run: Loaded[Record], evaluation: Evaluation) -> Iterator[str | Markup]:
    options, lines = run.options(Resolved), run.directory.metrics()
    if evaluation["accuracy"] >= ENOUGH:
        return
    if options.tune == "head":
        yield Markup(
            "Only the head was trained. See whether tuning its layers gains something; it is kept "
            "only where it does: {}"
        ).format(_again(run, ImageDataOptions, "--tune", "all"))
    elif longer(run):
        yield from longer(run)
    elif lines:
        yield from _memorised(lines[-1])


def _memorised(last: Metrics) -> Iterator[str]:
    known, unknown = last.get("train/accuracy"), last.get("valid/accuracy")
    if known is not None and unknown is not None and known - unknown > MEMORISED:
        yield (
            f"It knows its training images far better ({100 * known:.0f} %) than new ones "
            f"({100 * unknown:.0f} %): more images will help more than more epochs."
        )


def _more_held_out(evaluation: Evaluation) -> Iterator[str]:
    low, high = evaluation["interval"]
    if high - low > WIDE:
        share = min(0.95, max(0.05, evaluation["accuracy"]))
        needed = 1.96**2 * share * (1 - share) / HALF_WIDTH**2
        what, there = "images", evaluation["images"]
        if (
            evaluation.get("groups", there) < SAID * there
        ):  # more images of the same ones would tell little
            what, there = "groups", evaluation["groups"]
            needed *= there / evaluation["independent"]
        yield (
            f"To know how good it is to ± {100 * HALF_WIDTH:.0f} points, about "
            f"{round(needed, -1):,.0f} held-out {what} are needed; there are {there:,}."
        )
