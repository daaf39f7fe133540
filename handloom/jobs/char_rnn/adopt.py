"""`--from`: a character language model that begins with the weights of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.jobs.char_rnn.records import Record

ROWS = ("table", "W_xh", "linear.weight", "linear.bias", "b_q")  # one row a character
COLUMNS = ("W_hq",)  # one column a character


def adopt(
    networks: dict[str, nn.Module],
    saved: dict[str, dict[str, Tensor]],
    theirs: Record,
    mine: Record,
) -> set[str]:
    """Copy weights, those of a character to the place that it has now; names of what was copied.

    networks: those that are trained; saved: of the other run, by network; theirs, mine: records
    with their `vocabulary`. Characters that are new keep the weights they were initialised with.
    """
    import torch

    pairs = [
        (theirs["vocabulary"].index(c), place)
        for place, c in enumerate(mine["vocabulary"])
        if c in theirs["vocabulary"]
    ]
    their, my = torch.tensor(pairs, dtype=torch.int64).view(-1, 2).unbind(1)
    copied = set()
    for name, network in networks.items():
        for key, tensor in network.state_dict().items():
            source = saved.get(name, {}).get(key)
            if source is None or not _fits(key, tensor, source):
                continue
            source = source.to(tensor.device)
            if key in ROWS:
                tensor[my] = source[their]
            elif key in COLUMNS:
                tensor[:, my] = source[:, their]
            else:
                tensor.copy_(source)
            copied.add(f"{name}/{key}")
    return copied


def _fits(key: str, tensor: Tensor, source: Tensor) -> bool:
    """Whether all sizes agree, that of the vocabulary aside."""
    if key in ROWS:
        return tensor.shape[1:] == source.shape[1:]
    return tensor.shape[0] == source.shape[0] if key in COLUMNS else tensor.shape == source.shape
