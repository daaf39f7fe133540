"""Folders that are no classes by their names alone: train2017 beside val2017, folds."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from handloom.data.io.splits import MEANING
from handloom.errors import UserError
from handloom.wording import join_and

WORD = re.compile(rf"(?<![a-z])({'|'.join(sorted(MEANING, key=len, reverse=True))})(?![a-z])")
FOLD = re.compile(r"(fold|split|cv)[-_ ]?\d+$")  # part1 and part2 are parts of a machine


def refuse_nearly_splits(root: Path, names: Sequence[str]) -> None:
    """Raises UserError where folders beside each other are splits or folds by their names.

    That is, two or more names that are equal but for a word such as train and test (`train2017` and
    `val2017`, `seg_train` and `seg_test`), or nothing but folds (`fold1`, `fold2`).
    """
    rest = defaultdict[str, dict[str, str]](dict)
    for name in names:
        folded = name.casefold()
        if (match := WORD.search(folded)) is not None:
            around = f"{folded[: match.start()]}*{folded[match.end() :]}"
            rest[around].setdefault(MEANING[match[1]], name)
    for split in rest.values():
        if "train" in split and len(split) > 1:
            raise _refusal(root, list(split.values()), "splits", _option(split))
    if len(names) > 1 and all(FOLD.match(name.casefold()) for name in names):
        option = f"train={'+'.join(names[:-1])},valid={names[-1]}"
        raise _refusal(root, names, "folds", option)


def _option(split: dict[str, str]) -> str:
    return ",".join(f"{word}={split[word]}" for word in ("train", "valid", "test") if word in split)


def _refusal(root: Path, names: Sequence[str], what: str, option: str) -> UserError:
    more = [f"{len(names) - 4} more"] if len(names) > 4 else []
    named = join_and([*(f"'{name}'" for name in names[:4]), *more])
    return UserError(
        f"'{root}' has folders that look like {what} ({named}), which would be the classes: name "
        f"the splits, as in --splits {option}, or give --splits none if they are classes"
    )
