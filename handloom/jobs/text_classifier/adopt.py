"""`--from`: a text classifier that begins with the weights of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.jobs.text_classifier.records import Record

SOLVED = ("ngrams.", "linear.", "bayes.")  # linear models, which the new texts decide alone
WORDS = "words.weight"  # one row a word


def adopt(
    networks: dict[str, nn.Module],
    saved: dict[str, dict[str, Tensor]],
    theirs: Record,
    mine: Record,
) -> set[str]:
    """Copy weights, those of a word or a class to the place that it has now; names of the copied.

    networks: those that are trained; saved: of the other run, by network; theirs, mine: records
    with `tokenizer` and `classes`. New words and classes keep what they were initialised with.
    """
    if "sentence" in mine["network"]:
        return set()  # all of it is pretrained or solved
    words = _places(_vocabulary(theirs), _vocabulary(mine))
    classes = _places(_numbered(theirs["classes"]), _numbered(mine["classes"]))
    numbers = (len(theirs["classes"]), len(mine["classes"]))
    copied = set()
    for name, network in networks.items():
        sources = {_inner(key): tensor for key, tensor in saved.get(name, {}).items()}
        state = network.state_dict()
        last = max((_layer(key) for key in state if _inner(key).startswith("head.")), default="")
        for key, tensor in state.items():
            source = sources.get(_inner(key))
            if source is None or key.startswith(SOLVED):
                continue
            places = words if _inner(key) == WORDS else None
            if _layer(key) == last:
                places = classes if (len(source), len(tensor)) == numbers else None
                if places is None and theirs["classes"] != mine["classes"]:
                    continue  # one logit tells two classes apart, and they are others
            if _copy(tensor, source.to(tensor.device), places):
                copied.add(f"{name}/{key}")
    return copied


def _copy(tensor: Tensor, source: Tensor, places: Tensor | None) -> bool:
    """Copy the rows at places int64 (M, 2), theirs and mine, or all; whether the sizes fit."""
    if tensor.shape[1:] != source.shape[1:] or (places is None and len(tensor) != len(source)):
        return False
    if places is None:
        tensor.copy_(source)
    else:
        their, my = places.to(tensor.device).unbind(1)
        tensor[my] = source[their]
    return True


def _layer(key: str) -> str:
    return key.rpartition(".")[0]


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


def _vocabulary(record: Record) -> dict[str, int]:
    vocabulary: dict[str, int] = record["tokenizer"]["model"]["vocab"]
    return vocabulary


def _numbered(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}
