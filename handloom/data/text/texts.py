"""Labelled texts: a `text,target` table or Python's own documentation, cut into splits."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handloom.data.images.split import choose
from handloom.data.io.storage import data_folder
from handloom.data.io.table import read_columns
from handloom.data.text.pydoc import pydoc_passages
from handloom.errors import UserError
from handloom.wording import pluralize

TABLES = (".csv", ".tsv", ".parquet", ".pq")
NAMED = {"rt-polarity": "text/rt_polarity.csv"}


@dataclass(frozen=True)
class Texts:
    """Some texts; label: int64 (N,), places in the classes, or None where nobody said."""

    text: list[str]
    label: Tensor | None

    def subset(self, rows: Tensor) -> "Texts":
        """Those at `rows`, int64 (M,)."""
        label = None if self.label is None else self.label[rows]
        return Texts([self.text[i] for i in rows.tolist()], label)

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class TextSet:
    """Texts in splits, their classes by name, and what a person should know of them."""

    name: str
    classes: tuple[str, ...]
    train: Texts
    valid: Texts | None
    test: Texts | None
    fingerprint: str
    notes: tuple[str, ...]


def load_texts(
    data: str, validation: float, test: float, seed: int, encoding: str, in_order: bool = False
) -> TextSet:
    """A table with the columns text,target (and, if it likes, split), or `pydoc`.

    validation, test: shares taken from the whole, stratified, the same text always on one side;
    in_order: instead, the first 1 - validation of the texts, shuffled by the seed, are for
    training and the rest for validation. Raises UserError for what a user can mend.
    """
    name, text, target, split = _read(data, encoding)
    empty = [i for i, words in enumerate(text) if not words or not target[i]]
    rows = sorted(set(range(len(text))) - set(empty))
    classes = tuple(sorted({target[i] for i in rows}, key=_by_number))
    if len(classes) < 2:
        held = f"one class only ('{classes[0]}')" if classes else "no text with a target"
        raise UserError(f"'{data}' holds {held}: a classifier needs two classes at least")
    number = {value: i for i, value in enumerate(classes)}
    everything = Texts([text[i] for i in rows], torch.tensor([number[target[i]] for i in rows]))
    notes = []
    if empty:
        notes.append(
            f"left out {pluralize(len(empty), 'row')} without text or target "
            f"(first: row {empty[0] + 2})"
        )
    parts = _parts([split[i] for i in rows], everything, validation, test, seed, in_order)
    repeated = len(rows) - len(set(everything.text))
    if repeated:
        notes.append(f"{pluralize(repeated, 'repetition')} of texts, kept on one side of the split")
    return TextSet(
        name, classes, *parts, _fingerprint(everything), (*notes, *_class_notes(parts[0], classes))
    )


def load_unlabelled(data: str, encoding: str) -> tuple[list[str], list[str] | None]:
    """Texts of a table, and their targets where it has them."""
    columns = read_columns(Path(data), encoding)
    if "text" not in columns:
        raise UserError(f"'{data}' has no column 'text' (it has: {', '.join(columns) or 'none'})")
    return columns["text"], columns.get("target")


def _read(data: str, encoding: str) -> tuple[str, list[str], list[str], list[str]]:
    if data == "pydoc":
        text, target = pydoc_passages()
        return "pydoc", text, target, [""] * len(text)
    path = Path(data).expanduser()
    if data in NAMED and not path.exists():
        path = data_folder() / NAMED[data]
    if not path.is_file() or path.suffix.lower() not in TABLES:
        what = "does not exist" if not path.exists() else "is no table"
        raise UserError(
            f"'{path}' {what}: give a table ({', '.join(TABLES)}) with the columns text,target, or "
            f"a name ({', '.join(('pydoc', *NAMED))})"
        )
    columns = read_columns(path, encoding)
    for name in ("text", "target"):
        if name not in columns:
            raise UserError(
                f"'{path}' has no column '{name}' (it has: {', '.join(columns) or 'none'}): its "
                "header must be text,target"
            )
    split = columns.get("split") or [""] * len(columns["text"])
    return path.stem, columns["text"], columns["target"], [s.lower() for s in split]


def _parts(
    split: list[str], whole: Texts, validation: float, test: float, seed: int, in_order: bool
) -> tuple[Texts, Texts | None, Texts | None]:
    """Train, valid and test; a column `split` wins over shares."""
    given = {"train": [], "valid": [], "test": []}  # type: dict[str, list[int]]
    for i, name in enumerate(split):
        given["valid" if name.startswith("val") else name if name in given else "train"].append(i)
    rows = {k: torch.tensor(v, dtype=torch.int64) for k, v in given.items()}
    if in_order:
        order = torch.from_numpy(np.random.RandomState(seed).permutation(len(whole)))
        cut = int(len(whole) * (1 - validation))
        rows["train"], rows["valid"] = order[:cut], order[cut:]
    else:
        for name, share in (("test", test), ("valid", validation)):
            if share and not len(rows[name]):
                rows["train"], rows[name] = _taken(whole, rows["train"], share, seed)
    found = {name: whole.subset(chosen) if len(chosen) else None for name, chosen in rows.items()}
    if found["train"] is None:
        raise UserError("no text is left for training: ask for smaller --validation and --test")
    return found["train"], found["valid"], found["test"]


def _taken(whole: Texts, rows: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """`rows` without, and with only, a stratified share of the whole."""
    assert whole.label is not None
    group = {text: i for i, text in enumerate(whole.text)}
    groups = np.array([group[whole.text[i]] for i in rows.tolist()])
    amount = max(1, round(share * len(whole)))
    chosen = choose(whole.label[rows].numpy(), groups, amount, seed)
    is_chosen = torch.zeros(len(rows), dtype=torch.bool)
    is_chosen[torch.from_numpy(chosen)] = True
    return rows[~is_chosen], rows[is_chosen]


def _class_notes(train: Texts, classes: tuple[str, ...]) -> list[str]:
    assert train.label is not None
    count = torch.bincount(train.label, minlength=len(classes)).tolist()
    few = [f"'{name}' ({n})" for name, n in zip(classes, count, strict=True) if n < 10]
    return [f"classes with fewer than 10 training texts: {', '.join(few[:8])}"] if few else []


def _fingerprint(texts: Texts) -> str:
    assert texts.label is not None
    known = hashlib.blake2b(texts.label.numpy().tobytes(), digest_size=16)
    for text in texts.text:
        known.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return known.hexdigest()


def _by_number(value: str) -> tuple[float, str]:
    """0, 1, 2, 10 and not 0, 1, 10, 2."""
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value
