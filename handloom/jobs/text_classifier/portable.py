"""The networks of texts in operators that a graph for other programs can hold.

They share the weights of the networks in `models/text`, and every exported file is checked against
those. What differs: a text of any length is read without a choice by its length, a place in a
sorted table is found by halving, and recurrent layers are ONNX's own, which take lengths, or for
torch.export a scan.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.jobs.text_classifier.scanned import ScannedRNN
from handloom.models.text.classifiers import TextRNN, pooled
from handloom.models.text.ensemble import Ensemble, Windowed
from handloom.models.text.ngrams import NGrams

OPSET = 18  # of ONNX, whose LSTM and GRU are meant
GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}  # of torch, in ONNX's order: iofc, zrh


def portable(network: nn.Module, format: str) -> nn.Module:
    """A network (tokens (B, T), length (B,)) -> logits (B, K) in such operators."""
    if isinstance(network, Windowed):
        return PortableWindows(portable(network.network, format), network.width)
    if isinstance(network, TextRNN):
        return OnnxRNN(network) if format == "onnx" else ScannedRNN(network)
    if isinstance(network, Ensemble):
        inner = None if network.network is None else portable(network.network, format)
        return PortableEnsemble(network, inner)
    return network


class PortableWindows(nn.Module):
    """As `Windowed`, always in windows: a short text is one window with padding."""

    def __init__(self, network: nn.Module, width: int) -> None:
        super().__init__()
        self.network, self.width = network, width

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        batch, time = tokens.shape
        windows = (time + self.width - 1) // self.width
        # No tensor has a side of `windows`, which a tracer would take to be 2 or more.
        row = torch.arange(batch * windows, device=tokens.device)
        text = row // windows  # (B * W,)
        start = (row - text * windows) * self.width
        held = (length[text] - start).clamp(0, self.width)
        column = torch.arange(self.width, device=tokens.device)
        place = (text * time + start)[:, None] + column
        words = tokens.reshape(-1)[place.clamp(max=batch * time - 1)] * (column < held[:, None])
        read = self.network(words, held.clamp(min=1))  # (B * W, K)
        weighted = read * (held / length[text])[:, None]
        mean = torch.zeros_like(weighted[:batch])
        return mean.scatter_add(0, text[:, None].expand_as(weighted), weighted)


class OnnxRNN(nn.Module):
    """As `TextRNN`, by ONNX's LSTM or GRU; for a tracer alone, since torch does not compute them.

    They are given the lengths: each direction reads a text's own words, and beyond them is 0.
    """

    def __init__(self, network: TextRNN) -> None:
        super().__init__()
        self.network = network
        self.kind = "LSTM" if isinstance(network.forwards[0], nn.LSTM) else "GRU"
        self.weights = nn.ParameterList()
        for n, forwards in enumerate(network.forwards):
            ways = [forwards, *([network.backwards[n]] if len(network.backwards) else [])]
            for weight in _onnx_weights(self.kind, ways):
                self.weights.append(nn.Parameter(weight, requires_grad=False))

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        network = self.network
        states = network.words(tokens)  # (T, B, E)
        for layer in range(len(network.forwards)):
            states = self._layer(states, length, *self.weights[3 * layer : 3 * layer + 3])
        inside = torch.arange(tokens.shape[1], device=tokens.device)[:, None] < length
        logits: Tensor = network.head(pooled(states, inside, network.pool))
        return torch.cat([torch.zeros_like(logits), logits], 1) if network.one_logit else logits

    def _layer(
        self, states: Tensor, length: Tensor, weight: Tensor, back: Tensor, bias: Tensor
    ) -> Tensor:
        ways, hidden = back.shape[0], back.shape[2]
        time, batch = states.shape[0], states.shape[1]
        attributes: dict[str, Any] = {
            "hidden_size": hidden,
            "direction": "bidirectional" if ways == 2 else "forward",
        }
        if self.kind == "GRU":
            attributes["linear_before_reset"] = 1
        outputs: Tensor = torch.onnx.ops.symbolic(
            self.kind,
            (states, weight, back, bias, length.int()),
            attributes,
            dtype=states.dtype,
            shape=(time, ways, batch, hidden),
            version=OPSET,
        )
        return outputs.permute(0, 2, 1, 3).reshape(time, batch, ways * hidden)


class PortableEnsemble(nn.Module):
    """As `Ensemble`, with sums over features as products, for which ONNX needs no loop."""

    def __init__(self, ensemble: Ensemble, network: nn.Module | None) -> None:
        super().__init__()
        self.network, self.ngrams = network, PortableNGrams(ensemble.ngrams)
        self.linear, self.bayes = ensemble.linear, ensemble.bayes

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        logits = [] if self.network is None else [self.network(tokens, length)]
        place, count = self.ngrams(tokens, length)
        if self.linear is not None:
            value = self.linear.values(place, count)
            logits.append(_summed(value, self.linear.weight[place]) + self.linear.bias)
        if self.bayes is not None:
            logits.append(_summed(self.bayes.values(count), self.bayes.table[place]))
        return torch.stack(logits).mean(0)


def _summed(value: Tensor, rows: Tensor) -> Tensor:
    """Rows (B, M, K) weighted by values (B, M), summed: (B, K)."""
    return torch.bmm(value[:, None, :], rows)[:, 0]


class PortableNGrams(NGrams):
    """As `NGrams`, with the table of n-grams searched by halving, and texts of any length."""

    def __init__(self, ngrams: NGrams) -> None:
        super().__init__(ngrams.vocabulary, ngrams.orders, len(ngrams.keys))
        self.keys.copy_(ngrams.keys)

    def forward(self, tokens: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        return super().forward(F.pad(tokens, (0, self.orders - 1)), length)

    def places(self, keys: Tensor) -> Tensor:
        """The number of keys of the table that are less, by powers of two from the largest down."""
        rows = len(self.keys)
        place = torch.zeros_like(keys)
        for power in reversed(range(rows.bit_length())):
            next_place = place + (1 << power)
            row = next_place.clamp(max=rows) - 1
            is_less = (next_place <= rows) & (self.keys[row] < keys)
            place = torch.where(is_less, next_place, place)
        return place


def _onnx_weights(kind: str, ways: list[nn.Module]) -> tuple[Tensor, Tensor, Tensor]:
    """W (ways, gates * H, E), R (ways, gates * H, H) and B (ways, 2 * gates * H) of ONNX."""
    order = GATES[kind]
    parts: list[list[Tensor]] = [[], [], []]
    for way in ways:
        own = {name: value.detach() for name, value in way.named_parameters()}
        ordered = {
            name: torch.cat([value.chunk(len(order))[gate] for gate in order])
            for name, value in own.items()
        }
        parts[0].append(ordered["weight_ih_l0"])
        parts[1].append(ordered["weight_hh_l0"])
        parts[2].append(torch.cat([ordered["bias_ih_l0"], ordered["bias_hh_l0"]]))
    weight, back, bias = (torch.stack(part) for part in parts)
    return weight, back, bias
