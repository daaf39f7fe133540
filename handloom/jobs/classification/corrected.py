"""Corrections applied to a divided set, of images or of texts, and said in words and in counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from handloom.errors import UserError
from handloom.jobs.classification.corrections import DROP, Applied, Correction, applied
from handloom.jobs.classification.evaluation import OptionalFigures
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.division.splits import Divided, Uncorrected

P = TypeVar("P")


def corrected(
    data: Divided[P], lines: Sequence[Correction], names: Sequence[str], contents: Sequence[str],
    classes: Sequence[str], path: Path, noun: str,
    label_notes: Callable[[Any, tuple[str, ...]], Iterable[str]],
) -> tuple[Any, tuple[str, ...], dict[str, int]]:  # fmt: skip
    """The same split, with corrected labels in all of its parts; the classes that are left; and
    what goes under "corrections" of config.json.

    lines: of the file at `path`. names, contents: what all examples are called and known by, split
    after split. noun: of one example, image or text. label_notes: gives the notes of a set and its
    classes that depend on its labels, which are made anew. Raises UserError for lines that fit
    nothing, and where a split or all but one class would be empty.
    """
    from handloom.jobs.classification.emptied import without_emptied

    label = [number for part in data.splits.values() for number in _labels(part)]
    result = applied(lines, names, contents, label, classes)
    made, before = _parts(data, result, path, noun)
    _check_classes(set(_labels(made["train"])), classes, path, noun)
    counts = {
        "relabelled": len(result.label), "dropped": len(result.dropped),
        "unchanged": result.unchanged, "by_name": result.by_name,
    }  # fmt: skip
    noted = [_held_out_note(split, old.relabelled, old.dropped, noun)
             for split, old in before.items()]  # fmt: skip
    left = without_emptied(made, before, classes, path, noun)
    whole: Any = data
    new: Any = replace(whole, **left.splits, uncorrected=left.uncorrected)
    notes = _noted_anew(data.notes, label_notes(data, tuple(classes)),
                        label_notes(new, left.classes))  # fmt: skip
    notes = [*notes, _corrected_note(counts, result.gone, path, noun), *left.notes, *noted]
    return replace(new, notes=tuple(notes)), left.classes, counts


def _parts(
    data: Divided[P], result: Applied, path: Path, noun: str
) -> tuple[dict[str, P], dict[str, Uncorrected[P]]]:
    """All splits as they are now, and those held out that have changed as they were."""
    from handloom.division.splits import Uncorrected

    made: dict[str, P] = {}
    before: dict[str, Uncorrected[P]] = {}
    first = 0
    for split, part in data.splits.items():
        rows = range(first, first + len(_labels(part)))
        relabelled = sum(row in rows for row in result.label)
        dropped = sum(row in rows for row in result.dropped)
        made[split] = _part(part, result, rows) if relabelled or dropped else part
        if split != "train" and (relabelled or dropped):
            before[split] = Uncorrected(part, relabelled, dropped)
        if dropped == len(rows):
            raise UserError(
                f"'{path}' drops every {noun} of the split {split}: keep some, or give other data"
            )
        first = rows.stop
    return made, before


def _noted_anew(notes: Iterable[str], old: Iterable[str], new: Iterable[str]) -> list[str]:
    """The notes with `new` ones in place of the `old`; what is in both stays where it is."""
    old, new = set(old), list(new)
    kept = [note for note in notes if note not in old or note in new]
    return [*kept, *(note for note in new if note not in kept)]


def before_corrections(
    old: Uncorrected[P] | None, logits: Tensor, again: Callable[[P], Tensor], noun: str
) -> OptionalFigures:
    """What an evaluation says where examples that it is of were corrected, else nothing.

    Returns {"corrected": {"relabelled", "dropped"}, "accuracy_before_corrections": on all examples
    and labels as they were, "optimistic": True, "optimistic_because": [why]}, since a person mostly
    looks at what a network contradicts, so that such labels move towards its answers. logits:
    (N, K) of the examples as they are now. again: gives those of the examples as they were.
    """
    if old is None:
        return {}
    import torch

    logits = again(old.part) if old.dropped else logits
    right = logits.argmax(1).cpu() == torch.tensor(_labels(old.part))
    what = _what_changed(old.relabelled, old.dropped, noun)
    return {
        "corrected": {"relabelled": old.relabelled, "dropped": old.dropped},
        "accuracy_before_corrections": round(right.float().mean().item(), 6),
        "optimistic": True,
        "optimistic_because": [f"{what}, most likely where a network contradicted them"],
    }


def class_as_written(name: str, classes: Sequence[str]) -> str:
    """A class as the data write it, also where a spreadsheet made 1.0 of 1; Drop is drop."""
    from handloom.data.io.labels import same_class

    if name not in classes and name.casefold() == DROP:
        return DROP
    place = same_class(name, {known: number for number, known in enumerate(classes)})
    return name if place is None else classes[place]


def _corrected_note(counts: dict[str, int], gone: int, path: Path, noun: str) -> str:
    """A sentence on what was done. noun: of one example, image or text."""
    parts = [f"{pluralize(counts['relabelled'], noun)} relabelled, {counts['dropped']:,} dropped"]
    if counts["unchanged"]:
        parts.append(f"{counts['unchanged']:,} had the label already")
    if counts["by_name"]:
        parts.append(f"{counts['by_name']:,} found by name alone, since their content has changed")
    if gone:
        parts.append(f"{pluralize(gone, 'earlier correction')} of {noun}s that are gone")
    return f"corrected by '{path}': {', '.join(parts)}"


def _what_changed(relabelled: int, dropped: int, noun: str) -> str:
    """What a person did to the examples of a split, the subject and verb of a sentence."""
    labels = f"{pluralize(relabelled, 'label')} of these {noun}s {_was(relabelled)} corrected"
    examples = f"{pluralize(dropped, noun)} {_was(dropped)} dropped"
    return " and ".join(text for text, n in ((labels, relabelled), (examples, dropped)) if n)


def _held_out_note(split: str, relabelled: int, dropped: int, noun: str) -> str:
    """A sentence where examples that figures come from were corrected."""
    return f"{split}: {_what_changed(relabelled, dropped, noun)}, so figures on it are optimistic"


def _check_classes(left: set[int], classes: Sequence[str], path: Path, noun: str) -> None:
    """Raises UserError where the training examples that are left are of one class."""
    if len(left) < 2:
        only = f"'{classes[min(left)]}'" if left else "none"
        raise UserError(
            f"after the corrections of '{path}' all training {noun}s are of class {only}: a "
            "classifier needs at least two"
        )


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _part(part: Any, result: Applied, rows: range) -> Any:
    """A split with its new labels, without what is dropped. rows: its own among all."""
    import torch

    label = part.label.clone()
    for row, number in result.label.items():
        if row in rows:
            label[row - rows.start] = number
    part = replace(part, label=label)
    kept = [row - rows.start for row in rows if row not in result.dropped]
    return part if len(kept) == len(rows) else part.subset(torch.tensor(kept, dtype=torch.int64))


def _labels(part: Any) -> list[int]:
    numbers: list[int] = part.label.tolist()
    return numbers
