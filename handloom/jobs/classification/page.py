"""What the pages of both classifiers share: how good it is in words, and the sections that an
evaluation alone gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from handloom.jobs.classification.evaluation import cannot_tell, several
from handloom.jobs.pages import command
from handloom.jobs.results import CHOSE_EPOCH
from handloom.reports.confusion import Confused, confusion
from handloom.reports.page import Section
from handloom.reports.shares import class_table, scale
from handloom.reports.trust import trust
from handloom.wording import interval, pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handloom.jobs.classification.evaluation import Evaluation
    from handloom.jobs.loading import Loaded
    from handloom.metrics.classification import Unit
    from handloom.metrics.confidence import Abstention
    from handloom.runs.records import RunConfig

WIDE = 0.08  # of an interval, from which on a page says what so few examples cannot tell
ANSWERED = 0.3  # share that must be answered for a threshold to be worth a sentence
NEARLY_RIGHT = 0.95  # accuracy that one who cannot afford mistakes may be content with
SPLITS = {"valid": "validation", "test": "test", "all": "given"}

CONFUSION = (
    "Rows are what {} are, columns what was predicted. Click a number to see what is behind it."
)
TRUST = (
    "Left: of the answers of about one confidence, how many are right; on the dashed line, "
    "confidence can be taken at its word. Right: what is right among the answers if the least "
    "confident ones are not given. Lines up and down are 95 % intervals."
)


def goodness(evaluation: Evaluation, unit: Unit) -> str:
    """How good a classifier is, in a sentence, with what makes the figure weak."""
    low, high = evaluation["interval"]
    count = evaluation[unit]
    of_groups = several(evaluation, unit).removeprefix(pluralize(count, unit.removesuffix("s")))
    split = SPLITS.get(evaluation["split"], evaluation["split"])
    sentence = (
        f"It is right on {100 * evaluation['accuracy']:.1f} % of the {count:,} {split} {unit}"
        f"{of_groups}, which it was not trained on ({interval(low, high)}); "
        f"always answering '{evaluation['majority_class']}' would be right on "
        f"{100 * evaluation['majority']:.1f} %"
    )
    if "rival" in evaluation:
        name, accuracy = evaluation["rival"]["name"], evaluation["rival"]["accuracy"]
        sentence += f", {name} on {100 * accuracy:.1f} %"
    if "accuracy_before_corrections" in evaluation:
        before = evaluation["accuracy_before_corrections"]
        sentence += f"; on the labels before their correction it is right on {100 * before:.1f} %"
    few = cannot_tell(evaluation, unit)
    repeated = (few, "prove little")  # by what is below; the second as older versions put it
    doubts = [each for each in evaluation["warnings"] if not any(t in each for t in repeated)]
    if evaluation.get("optimistic"):
        doubts.append(f"the figure is optimistic, since {_because(evaluation, unit)}")
    if high - low > WIDE:
        doubts.append(few)
    return f"{'; '.join([sentence, *doubts])}."


def left_out(unit: Unit, why: str) -> str:
    """What a page says that was made from the recorded evaluation alone; why: the error."""
    reason = why.partition(": ")[0]
    return (
        f"The figures are those of the end of the training. The {unit} themselves, likely wrong "
        f"labels and mistakes.csv are left out, since {reason}."
    )


def _because(evaluation: Evaluation, unit: Unit) -> str:
    reasons = evaluation.get("optimistic_because", [CHOSE_EPOCH])
    kept = f"the same {unit} chose what was kept"
    return " and ".join(kept if reason == CHOSE_EPOCH else reason for reason in reasons)


def figure(evaluation: Evaluation) -> Markup:
    """The accuracy on a scale, beside that of always naming the commonest class."""
    name = f"always '{evaluation['majority_class']}'"
    return scale(evaluation["accuracy"], evaluation["interval"], evaluation["majority"], name)


def sections(
    evaluation: Evaluation, classes: Sequence[str], unit: Unit, bodies: Mapping[Confused, Markup]
) -> list[Section]:
    """Confusion, classes, and confidence; bodies: what a cell of the confusion matrix opens."""
    counts = {(row, column): number for row, column, number in evaluation["confusion"]}
    return [
        Section("Confusion", CONFUSION.format(unit), confusion(classes, counts, bodies)),
        Section(
            "Classes",
            f"Recall: how many {unit} of a class are recognised. Precision: how many of those that "
            "were given its name are of it. The lowest recall comes first.",
            class_table(evaluation["classes"], unit),
        ),
        Section(
            "Can its confidence be trusted?",
            TRUST,
            trust(evaluation["reliability"], evaluation["abstention"]) + _calibration(evaluation),
            "Confidence",
        ),
    ]


def worth_abstaining(evaluation: Evaluation) -> Abstention | None:
    """The lowest threshold from which on nearly all answers are right, by the lower end of the 95 %
    interval: the best of many thresholds flatters itself on the examples that it was chosen on.

    None where all are right, where too few would be answered, or where so few cannot show it. By
    the share itself, four thresholds of five were below the goal on other examples (80 at a time).
    """
    if evaluation["accuracy"] >= NEARLY_RIGHT:
        return None
    good = [
        entry
        for entry in evaluation["abstention"]
        if entry["interval"][0] >= NEARLY_RIGHT and entry["answered"] >= ANSWERED
    ]
    return max(good, key=lambda entry: entry["answered"], default=None)


def abstaining(
    run: Loaded[RunConfig],
    evaluation: Evaluation,
    unit: Unit,
    given: str,
    by_folds: Evaluation | None = None,
) -> list[Markup]:
    """Advice to leave out doubtful answers, where that is worth a sentence.

    unit: what was evaluated, "images" or "texts"; given: what stands for new ones in a command.
    by_folds: `measured` of the training part, answered by folds, where there is such: it chooses
    the threshold then, since it has more answers and is not what is reported.
    """
    chosen_on = evaluation if by_folds is None else by_folds
    entry = worth_abstaining(chosen_on)
    if entry is None:
        return []
    threshold, count = f"{entry['threshold']:g}", chosen_on[unit]
    where = f"the threshold was chosen on these {count:,} {unit}"
    if by_folds is not None:
        where = f"of the {count:,} training {unit}, by folds; nothing else chose the threshold"
    words = Markup(
        "Where a wrong answer costs more than none, leave out the doubtful ones: from a confidence "
        "of {} on, {:.0f} % were answered and {:.0f} % of those were right ({}; {}): {}"
    )
    return [
        words.format(
            threshold, 100 * entry["answered"], 100 * entry["accuracy"],
            interval(*entry["interval"]), where,
            command("predict", str(run.directory.path), given, "--abstain-below", threshold),
        )
    ]  # fmt: skip


def _calibration(evaluation: Evaluation) -> Markup:
    text = (
        f"Mean gap between confidence and accuracy (calibration error): "
        f"{100 * evaluation['calibration']:.1f} %"
    )
    before = evaluation.get("calibration_before_temperature")
    if before is not None:
        is_own = evaluation.get("temperature_source") == evaluation["split"]
        where = " on these very examples, which flatters it" if is_own else ""
        text += f", {100 * before:.1f} % before the temperature was fitted{where}"
    return Markup("<p>{}.</p>").format(text)
