"""Pretrained word vectors in a text classifier: which words have one, and how it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handloom.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor


def vectors_for(
    path: str | None, tokenizer: Any, train: Tensor
) -> tuple[Tensor | None, Tensor | None, dict[str, float] | None, list[str]]:
    """Rows of the vocabulary, their vectors, coverage, and what to say about it."""
    import torch

    from handloom.data.text.tokenizer import SPECIAL
    from handloom.data.text.vectors import read_vectors

    vocabulary = tokenizer.get_vocab()
    words = [word for word in vocabulary if word not in SPECIAL]
    if path is None:
        return None, None, None, []
    vectors = read_vectors(path, words)
    if not vectors.words:
        raise UserError(
            f"none of the {len(words):,} words of the texts is in {path}: give vectors "
            "of the same language"
        )
    rows = torch.tensor([vocabulary[word] for word in vectors.words])
    counts = torch.bincount(train.long(), minlength=len(vocabulary))
    running = float(counts[rows].sum() / counts[len(SPECIAL) :].sum().clamp(min=1))
    coverage = {"words": round(len(rows) / max(len(words), 1), 4), "running": round(running, 4)}
    notes = [
        f"vectors: {len(rows):,} of {len(words):,} words ({100 * coverage['words']:.1f} %), "
        f"{100 * running:.1f} % of the running text, {vectors.vector.shape[1]} wide"
    ]
    if vectors.broken:
        notes.append(f"{vectors.broken:,} of {vectors.lines:,} lines of {path} are broken")
    return rows, vectors.vector, coverage, notes
