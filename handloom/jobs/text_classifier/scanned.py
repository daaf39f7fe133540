"""A recurrent network as a scan over the words, which torch.export holds at any length.

torch.export unrolls nn.LSTM and nn.GRU: a graph of one length. Their cells are written out here,
and `scan` keeps one step and the number of words free; the weights are those of the network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch.nn import functional as F

from handloom.models.text.classifiers import TextRNN, pooled, turned


class ScannedRNN(nn.Module):
    """As `TextRNN` in eval mode; for a tracer, since scan by itself is slower than nn.LSTM."""

    def __init__(self, network: TextRNN) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        network = self.network
        states = network.words(tokens)  # (T, B, E)
        time = torch.arange(tokens.shape[1], device=tokens.device)[:, None]  # (T, 1)
        for n, forwards in enumerate(network.forwards):
            outputs = [_scanned(forwards, states)]
            if len(network.backwards):
                back = _scanned(network.backwards[n], turned(states, time, length))
                outputs.append(turned(back, time, length))
            states = torch.cat(outputs, 2)
        logits: Tensor = network.head(pooled(states, time < length, network.pool))
        return torch.cat([torch.zeros_like(logits), logits], 1) if network.one_logit else logits


def _scanned(layer: nn.Module, states: Tensor) -> Tensor:
    """One layer in one direction: states (T, B, E) -> (T, B, H)."""
    weights = dict(layer.named_parameters())
    back, bias = weights["weight_hh_l0"], weights["bias_hh_l0"]  # (gates * H, H), (gates * H,)
    given = F.linear(states, weights["weight_ih_l0"], weights["bias_ih_l0"])  # (T, B, gates * H)
    zero = given.new_zeros(given.shape[1], back.shape[1])

    def lstm(carry: tuple[Tensor, Tensor], now: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        state, cell = carry
        enter, keep, new, show = (now + F.linear(state, back, bias)).chunk(4, 1)
        cell = keep.sigmoid() * cell + enter.sigmoid() * new.tanh()
        state = show.sigmoid() * cell.tanh()
        return (state, cell), state.clone()  # what goes on and what comes out may not be one tensor

    def gru(state: Tensor, now: Tensor) -> tuple[Tensor, Tensor]:
        gates, own = now.chunk(3, 1), F.linear(state, back, bias).chunk(3, 1)
        reset, keep = ((gates[n] + own[n]).sigmoid() for n in (0, 1))
        state = (1 - keep) * (gates[2] + reset * own[2]).tanh() + keep * state
        return state, state.clone()

    if isinstance(layer, nn.LSTM):
        return scan(lstm, (zero, zero.clone()), given)[1]  # type: ignore[no-any-return]
    return scan(gru, zero, given)[1]  # type: ignore[no-any-return]
