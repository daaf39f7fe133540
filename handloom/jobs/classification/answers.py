"""What predictions are given as answers: the likeliest classes, and none where they are unsure.

It is the same for images and for texts: both jobs send what they predict through `answered`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from handloom.config import option
from handloom.data.io.labels import same_class
from handloom.jobs.results import Likely, Prediction, Predictions, is_abstained
from handloom.wording import join_and, percent, pluralize

MOST_NAMED = 3  # labels in a note

OWN = (
    "input", "label", "probability", "actual", "split", "trained_on", "note", "error", "abstained"
)  # fmt: skip
"""Fields of a prediction that are columns of its table."""
FIELDS = (*OWN, "probabilities", "top")


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """Options of `predict` that decide what is answered."""

    top: int | None = option(
        None, "list this many of the likeliest classes, in place of all probabilities", 1
    )
    abstain_below: float | None = option(
        None, "abstain, giving no label, where no class has at least this probability", 0, 1
    )


def prediction(
    name: str,
    classes: Sequence[str],
    probabilities: Sequence[float],
    actual: str | None,
    split: str | None,
    given: Mapping[str, str],
) -> Prediction:
    """What is said of one input. probabilities: of every class, (K,). given: the other columns of
    its table."""
    values = [round(value, 6) for value in probabilities]
    best = values.index(max(values))  # of equal ones the first, as in `likeliest`
    record: Prediction = {
        "input": name,
        **cast(Prediction, beside(given)),
        "label": classes[best],
        "probability": values[best],
    }
    if actual is not None:
        record["actual"] = actual
    if split is not None:
        record["split"] = split
    record["probabilities"] = dict(zip(classes, values, strict=True))
    return record


def beside(given: Mapping[str, str], fields: Container[str] = FIELDS) -> dict[str, str]:
    """The other columns of a table, beside an answer; one that is named like a field is marked."""
    return {
        f"{name} (given)" if name in fields else name or "unnamed": cell
        for name, cell in given.items()
    }


class ShareAnswered(NamedTuple):
    """How many of the predictions are answers.

    known, right: of those abstained from, how many have an actual class, and how many of the
    likeliest classes are it.
    """

    answered: int
    asked: int
    known: int
    right: int


def answered(
    predictions: Predictions, options: AnswerOptions, temperature: float | None
) -> Predictions:
    """Predictions with "top" in place of "probabilities" where `top` is given, and "abstained"
    where a threshold is: the label is then None where it is True.

    A label that is not one of the classes is no "actual": such an answer is neither right nor
    wrong, and a note names the labels. temperature: of the run, None where its probabilities were
    not calibrated, which a note says.
    """
    threshold, notes = options.abstain_below, list(predictions.notes)
    if threshold is not None and temperature is None:
        notes.append(
            "the probabilities of this run are not calibrated (no temperature was fitted), so "
            f"answers at {threshold:g} and above need not be right in {percent(threshold)} of cases"
        )
    others = Counter(actual for record in predictions
                     if (actual := record.get("actual")) and _class_of(record) is None)  # fmt: skip
    if others:
        labels = join_and([f"'{name}'" for name, _ in others.most_common(MOST_NAMED)])
        notes.append(
            f"counted as neither right nor wrong: {pluralize(others.total(), 'input')} labelled "
            f"with classes that the run does not have, such as {labels}"
        )
    records = [_record(_known(record), options) for record in predictions]
    return Predictions(records, notes)


def share_answered(records: Iterable[Prediction]) -> ShareAnswered | None:
    """Over all records that could be read; None where no threshold was given."""
    asked = [record for record in records if "abstained" in record]
    if not asked:
        return None
    known = [record for record in asked if is_abstained(record) and "actual" in record]
    right = sum(record["actual"] == likeliest(record)[0]["label"] for record in known)
    abstained = sum(map(is_abstained, asked))
    return ShareAnswered(len(asked) - abstained, len(asked), len(known), right)


def likeliest(record: Prediction, count: int = 1) -> list[Likely]:
    """The likeliest classes of a prediction, the first first."""
    if "top" in record:
        return list(record["top"][:count])
    pairs = sorted(record["probabilities"].items(), key=lambda pair: -pair[1])[:count]
    return [{"label": name, "probability": value} for name, value in pairs]


def row(record: Prediction) -> dict[str, Any]:
    """A prediction as a row of a table: a column for every class, or two for each of the top.

    A class that is named like another column, such as "error", has the column "error (class)", and
    an answer that is named like a column of the user's table "top1 (answer)".
    """
    flat = {name: value for name, value in record.items() if name not in ("probabilities", "top")}
    taken = {*OWN, *flat}
    for place, entry in enumerate(record.get("top", ()), 1):
        answer = {f"top{place}": entry["label"], f"top{place}_probability": entry["probability"]}
        flat |= {f"{name} (answer)" if name in taken else name: answer[name] for name in answer}
    for name, value in record.get("probabilities", {}).items():
        flat[f"{name} (class)" if name in taken else name] = value
    return flat


def _class_of(record: Prediction) -> str | None:
    """The class of the run that a record's label means, None without."""
    names = list(record.get("probabilities", ()))
    if record["actual"] in names:
        return record["actual"]
    place = same_class(record["actual"], {name: place for place, name in enumerate(names)})
    return None if place is None else names[place]


def _known(record: Prediction) -> Prediction:
    if "actual" not in record:
        return record
    known, name = record.copy(), _class_of(record)
    if name is None:
        del known["actual"]
    else:
        known["actual"] = name
    return known


def _record(record: Prediction, options: AnswerOptions) -> Prediction:
    if "error" in record:
        return record
    given, threshold = record.copy(), options.abstain_below
    if threshold is not None:
        given["abstained"] = record["probability"] < threshold
        given["label"] = None if given["abstained"] else record["label"]
    if options.top is not None:
        given["top"] = likeliest(record, options.top)
        del given["probabilities"]
    return given
