"""Probabilities of texts, and the words that moved them."""

import torch
from torch import Tensor, nn

from handloom.engine.precision import Precision


@torch.no_grad()
def read(
    network: nn.Module,
    tokens: Tensor,
    length: Tensor,
    precision: Precision,
    batch: int = 256,
) -> Tensor:
    """Class probabilities float32 (N, K), on the CPU, in the order of the texts.

    tokens: int32, all texts one after the other; length: int64 (N,), 1 at least; network: (tokens
    (B, T), length (B,)) -> logits (B, K), in eval mode.
    """
    starts, probabilities = length.cumsum(0) - length, []
    order = length.argsort(stable=True)
    for rows in torch.split(order, batch):
        column = torch.arange(int(length[rows].max()))
        place = (starts[rows][:, None] + column).clamp(max=len(tokens) - 1)
        padded = tokens[place].long() * (column < length[rows][:, None])
        with precision.autocast():
            logits = network(padded.to(precision.device), length[rows].to(precision.device))
        probabilities.append(logits.float().softmax(1).cpu())
    return torch.cat(probabilities)[order.argsort()]


@torch.no_grad()
def moved(network: nn.Module, tokens: Tensor, label: int, precision: Precision) -> Tensor:
    """How much each word speaks for class `label`: float (T,), from one text's tokens int64 (T,).

    The fall of log p[label] when the word is left out (Li et al. 2016, arXiv:1612.08220):
    positive for, negative against. It works alike for every network.
    """
    if len(tokens) < 2:
        return torch.zeros(len(tokens))
    count = len(tokens)
    kept = ~torch.eye(count, dtype=torch.bool)
    without = tokens.expand(count, -1)[kept].view(count, count - 1)
    rows = torch.cat([tokens, without.flatten()]).int()
    length = torch.tensor([count, *[count - 1] * count])
    log = read(network, rows, length, precision)[:, label].clamp(min=1e-9).log()
    return log[0] - log[1:]
