"""The effect of corrections in words and in counts, for images and texts alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.jobs.corrections import DROP, Applied
from handloom.wording import pluralize


def class_as_written(name: str, classes: Sequence[str]) -> str:
    """A class as the data write it, also where a spreadsheet made 1.0 of 1; Drop is drop."""
    from handloom.data.io.labels import same_class

    if name not in classes and name.casefold() == DROP:
        return DROP
    place = same_class(name, {known: number for number, known in enumerate(classes)})
    return name if place is None else classes[place]


def counts(result: Applied) -> dict[str, int]:
    """Under "corrections" of config.json."""
    return {
        "relabelled": len(result.label), "dropped": len(result.dropped),
        "unchanged": result.unchanged, "by_name": result.by_name,
    }  # fmt: skip


def corrected_note(counts: dict[str, int], path: Path, noun: str) -> str:
    """A sentence on what was done. noun: of one example, image or text."""
    parts = [
        f"{pluralize(counts['relabelled'], noun)} relabelled, {counts['dropped']:,} dropped"
    ]
    if counts["unchanged"]:
        parts.append(f"{counts['unchanged']:,} had the label already")
    if counts["by_name"]:
        parts.append(f"{counts['by_name']:,} found by name alone, since their content has changed")
    return f"corrected by '{path}': {', '.join(parts)}"


def what_changed(relabelled: int, dropped: int, noun: str) -> str:
    """What a person did to the examples of a split, the subject and verb of a sentence."""
    labels = f"{pluralize(relabelled, 'label')} of these {noun}s {_was(relabelled)} corrected"
    examples = f"{pluralize(dropped, noun)} {_was(dropped)} dropped"
    return " and ".join(text for text, n in ((labels, relabelled), (examples, dropped)) if n)


def optimistic(
    relabelled: int, dropped: int, accuracy_before: float, noun: str
) -> dict[str, Any]:
    """What an evaluation on corrected examples says of them: a person mostly looks at what a
    network contradicts, so such labels move towards its answers."""
    what = what_changed(relabelled, dropped, noun)
    return {
        "corrected": {"relabelled": relabelled, "dropped": dropped},
        "accuracy_before_corrections": round(accuracy_before, 6),
        "optimistic": True,
        "optimistic_because": [f"{what}, most likely where a network contradicted them"],
    }


def held_out_note(split: str, relabelled: int, dropped: int, noun: str) -> str:
    """A sentence where examples that figures come from were corrected."""
    return f"{split}: {what_changed(relabelled, dropped, noun)}, so figures on it are optimistic"


def check_classes(left: set[int], classes: Sequence[str], path: Path, noun: str) -> None:
    """Raises UserError where the training examples that are left are of one class."""
    if len(left) < 2:
        only = f"'{classes[min(left)]}'" if left else "none"
        raise UserError(
            f"after the corrections of '{path}' all training {noun}s are of class {only}: a "
            "classifier needs at least two"
        )


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
