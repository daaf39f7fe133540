"""`--from`: a text classifier that begins with the weights of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

SOLVED = ("ngrams.", "linear.", "bayes.")  # linear models, which the new texts decide alone
WORDS = "words.weight"  # one row a word


def adopt(
    networks: dict[str, nn.Module],
    saved: dict[str, dict[str, Tensor]],
    theirs: dict[str, Any],
    mine: dict[str, Any],
) -> set[str]:
    """Copy weights, those of a word or a class to the place that it has now; names of the copied.

    networks: those that are trained; saved: of the other run, by network; theirs, mine: records
    with `tokenizer` and `classes`. New words and classes keep what they were initialised with.
    """
    if "sentence" in mine["network"]:
        return set()  # all of it is pretrained or solved
    words = _places(_vocabulary(theirs), _vocabulary(mine))
    classes = _places(_numbered(theirs["classes"]), _numbered(mine["classes"]))
    copied = set()
    for name, network in networks.items():
        sources = {_inner(key): tensor for key, tensor in saved.get(name, {}).items()}
        for key, tensor in network.state_dict().items():
            source = sources.get(_inner(key))
            if source is None or key.startswith(SOLVED):
                continue
            if _copy(_inner(key), tensor, source.to(tensor.device), words, classes, mine):
                copied.add(f"{name}/{key}")
    return copied


def _copy(
    key: str, tensor: Tensor, source: Tensor, words: Tensor, classes: Tensor, mine: dict[str, Any]
) -> bool:
    if tensor.shape[1:] != source.shape[1:]:
        return False
    is_head = key.startswith("head.") and len(tensor) == len(mine["classes"])
    places = words if key == WORDS else classes if is_head else None
    if places is not None:
        their, my = places.to(tensor.device).unbind(1)
        tensor[my] = source[their]
    elif tensor.shape == source.shape:
        tensor.copy_(source)
    return places is not None or tensor.shape == source.shape


def _inner(key: str) -> str:
    """The name inside windows and ensembles: words.weight of network.network.words.weight."""
    while key.startswith("network."):
        key = key.removeprefix("network.")
    return key


def _places(theirs: dict[str, int], mine: dict[str, int]) -> Tensor:
    """Places of what both have, int64 (M, 2): theirs and mine."""
    import torch

    pairs = [(theirs[name], place) for name, place in mine.items() if name in theirs]
    return torch.tensor(pairs, dtype=torch.int64).view(-1, 2)


def _vocabulary(record: dict[str, Any]) -> dict[str, int]:
    vocabulary: dict[str, int] = record["tokenizer"]["model"]["vocab"]
    return vocabulary


def _numbered(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}
