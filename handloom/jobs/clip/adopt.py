"""`--from`: a CLIP that begins with the weights of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.jobs.clip.records import Record

WORDS = "text.words.weight"  # one row a word


def adopt(
    networks: dict[str, nn.Module],
    saved: dict[str, dict[str, Tensor]],
    theirs: Record,
    mine: Record,
) -> set[str]:
    """Copy what agrees in name and shape, the vector of a word to the place that it has now.

    New words keep what they were initialised with. Returns the names of what was copied.
    """
    words = _places(theirs, mine)
    copied = set()
    for name, network in networks.items():
        sources = saved.get("network", {})
        for key, tensor in network.state_dict().items():
            source = sources.get(key)
            if source is None or tensor.shape[1:] != source.shape[1:]:
                continue
            with torch.no_grad():
                if key == WORDS:
                    tensor[words[:, 1]] = source.to(tensor.device)[words[:, 0]]
                elif tensor.shape == source.shape:
                    tensor.copy_(source)
                else:
                    continue
            copied.add(f"{name}/{key}")
    return copied


def _places(theirs: Record, mine: Record) -> Tensor:
    """Places of words that both have, int64 (M, 2): theirs and mine."""
    known: dict[str, int] = theirs["tokenizer"]["model"]["vocab"]
    now: dict[str, int] = mine["tokenizer"]["model"]["vocab"]
    pairs = [(known[word], place) for word, place in now.items() if word in known]
    return torch.tensor(pairs, dtype=torch.int64).view(-1, 2)
