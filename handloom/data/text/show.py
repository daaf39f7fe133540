"""What is in texts: labelled ones as a classifier reads them, or running text."""

from collections import Counter
from statistics import median
from typing import Any

import torch

from handloom.data.text.corpus import BLOCK, Corpus, read_corpus
from handloom.data.text.cut import Cut, Texts
from handloom.data.text.rows import TextReading
from handloom.data.text.texts import load_texts

RARE = 5  # a character that occurs less often
BEGINNING = 200  # characters shown


def show_texts(data: str, reading: TextReading) -> dict[str, Any]:
    """The facts of labelled texts in their own splits, ready for JSON.

    Keys: kind ("texts"), name, fingerprint, classes, splits {split: {texts, classes {name:
    texts}}}, words {min, median, max} of a text, notes: how the data were understood, what was left
    out, and what is there twice. Raises UserError for whatever training would refuse.
    """
    texts = load_texts(data, Cut(validation=0, test=0), reading)
    words = [len(text.split()) for part in texts.splits.values() for text in part.text]
    return {
        "kind": "texts",
        "name": texts.name,
        "fingerprint": texts.fingerprint,
        "classes": list(texts.classes),
        "splits": {
            split: {"texts": len(part), "classes": _counts(part, texts.classes)}
            for split, part in texts.splits.items()
        },
        "words": {"min": min(words), "median": median(words), "max": max(words)},
        "notes": list(texts.notes),
    }


def _counts(part: Texts, classes: tuple[str, ...]) -> dict[str, int]:
    assert part.label is not None
    count = Counter(part.label.tolist())
    return {name: count[number] for number, name in enumerate(classes)}


def show_corpus(data: str, encoding: str = "utf-8") -> dict[str, Any]:
    """The facts of running text, ready for JSON.

    Keys: kind ("corpus"), name, fingerprint, characters, lines, alphabet (every character, by code
    point), rare (characters of it that occur less than 5 times), beginning, notes. Raises UserError
    for whatever training would refuse.
    """
    corpus = read_corpus(data, encoding)
    count = _character_counts(corpus)
    by_character = dict(zip(corpus.alphabet, count.tolist(), strict=True))
    return {
        "kind": "corpus",
        "name": corpus.name,
        "fingerprint": corpus.fingerprint,
        "characters": len(corpus.ids),
        "lines": by_character.get("\n", 0) + (corpus.text(-1) != "\n"),
        "alphabet": corpus.alphabet,
        "rare": int((count < RARE).sum()),
        "beginning": corpus.text(0, BEGINNING),
        "notes": [],
    }


def _character_counts(corpus: Corpus) -> torch.Tensor:
    """How often every character of the alphabet occurs, int64, a block at a time."""
    count = torch.zeros(len(corpus.alphabet), dtype=torch.int64)
    for start in range(0, len(corpus.ids), BLOCK):
        block = corpus.ids[start : start + BLOCK].long()
        count += torch.bincount(block, minlength=len(count))
    return count
