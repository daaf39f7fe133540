"""Recurrent networks that read a character and predict the next.

Networks take their carried state and return the new one, float32 (S, L, B, H): S is 2 for an LSTM
(hidden and cell) and 1 otherwise, L counts layers. A state of zeros is the beginning of a text.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.kernels.elman import elman

Cell = Literal["rnn", "gru", "lstm"]


class ScratchRNN(nn.Module):
    """A recurrent network written out: five parameters and nothing else.

    H_t = f(X_t W_xh + H_(t-1) W_hh + b_h) and logits O_t = H_t W_hq + b_q. X_t is one-hot, so
    X_t W_xh is a row of W_xh and is looked up. Weights begin as N(0, 0.01^2), biases are 0.

    vocabulary: V, characters known; hidden: H; relu: f is ReLU instead of tanh.
    """

    state_tensors, layers = 1, 1

    def __init__(self, vocabulary: int, hidden: int, relu: bool = False) -> None:
        super().__init__()
        self.hidden, self.relu = hidden, relu
        self.W_xh = nn.Parameter(torch.randn(vocabulary, hidden) * 0.01)
        self.W_hh = nn.Parameter(torch.randn(hidden, hidden) * 0.01)
        self.b_h = nn.Parameter(torch.zeros(hidden))
        self.W_hq = nn.Parameter(torch.randn(hidden, vocabulary) * 0.01)
        self.b_q = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens int64 (B, T) and state (1, 1, B, H) -> logits (T, B, V) and the new state."""
        f = torch.relu if self.relu else torch.tanh
        H, states = state[0, 0], []
        for X_W_xh in F.embedding(tokens.t(), self.W_xh):  # (B, H) of every time step
            H = f(X_W_xh + H @ self.W_hh + self.b_h)
            states.append(H)
        return torch.stack(states) @ self.W_hq + self.b_q, H[None, None]


class CharRNN(nn.Module):
    """Look-up, recurrent layers of PyTorch, and a linear layer to logits.

    vocabulary: V; hidden: H; layers: L, one above the other.
    embedding: width of the look-up table, or None: the table then is the first layer's own input
        matrix, as if characters were one-hot (cell `rnn` alone).
    dropout: share of the features dropped between layers, of the embedding, and after the last.
    tied: the last layer's matrix is the look-up table (Press and Wolf 2017, arXiv:1608.05859);
        the embedding must then be as wide as the hidden state.
    """

    def __init__(
        self,
        vocabulary: int,
        hidden: int,
        cell: Cell = "lstm",
        layers: int = 1,
        embedding: int | None = None,
        dropout: float = 0.0,
        tied: bool = False,
        relu: bool = False,
    ) -> None:
        super().__init__()
        if embedding is None and cell != "rnn":
            raise ValueError(f"a {cell} needs an embedding: give its width")
        self.cell, self.hidden, self.layers, self.relu = cell, hidden, layers, relu
        self.state_tensors = 2 if cell == "lstm" else 1
        self.table = nn.Parameter(torch.empty(vocabulary, embedding or hidden))
        self.rnn = _cell(cell, embedding or hidden, hidden, layers, dropout, relu)
        if embedding is None:
            del self.rnn.weight_ih_l0  # the table stands in its place
        self.is_one_hot = embedding is None
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden, vocabulary)
        # As torch initialises the input matrix of a one-hot layer, or an embedding.
        nn.init.uniform_(self.table, -(hidden**-0.5), hidden**-0.5)
        if tied:
            self.linear.weight = self.table

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens int64 (B, T) and state (S, L, B, H) -> logits (T, B, V) and the new state."""
        looked_up = F.embedding(tokens.t(), self.table)  # (T, B, E)
        if not self.is_one_hot:
            looked_up = self.dropout(looked_up)
        if self.cell == "rnn" and (self.is_one_hot or not tokens.is_cuda):
            hidden, state = self._simple(looked_up, state)
        else:
            hidden, state = self._library(looked_up, state)
        return self.linear(self.dropout(hidden)), state

    def _library(self, given: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """oneDNN's or cuDNN's kernels."""
        before = (state[0], state[1]) if self.state_tensors == 2 else state[0]
        hidden, after = self.rnn(given, before)
        return hidden, torch.stack(after if self.state_tensors == 2 else [after]).float()

    def _simple(self, given: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """torch.nn.RNN's arithmetic by `elman`, which is faster on a CPU and takes look-ups."""
        weights = dict(self.rnn.named_parameters())
        last = []
        for layer in range(self.layers):
            bias = weights[f"bias_ih_l{layer}"] + weights[f"bias_hh_l{layer}"]
            if layer == 0 and self.is_one_hot:
                projected = given + bias
            else:
                projected = F.linear(given, weights[f"weight_ih_l{layer}"]).float() + bias
            back = weights[f"weight_hh_l{layer}"].t()
            given = elman(projected, back, state[0, layer], self.relu)
            last.append(given[-1])
            if layer + 1 < self.layers:
                given = self.dropout(given)
        return given, torch.stack(last)[None]


def _cell(
    cell: Cell, width: int, hidden: int, layers: int, dropout: float, relu: bool
) -> nn.RNNBase:
    between = dropout if layers > 1 else 0.0  # torch warns where there is no layer between
    if cell == "rnn":
        nonlinearity = "relu" if relu else "tanh"
        return nn.RNN(width, hidden, layers, nonlinearity=nonlinearity, dropout=between)
    gated = nn.LSTM if cell == "lstm" else nn.GRU
    return gated(width, hidden, layers, dropout=between)


def blank(network: nn.Module, streams: int) -> Tensor:
    """The state at the beginning of `streams` texts, (S, L, B, H) of zeros."""
    if not isinstance(network, ScratchRNN | CharRNN):
        raise TypeError(f"a {type(network).__name__} carries no state")
    device = next(network.parameters()).device
    return torch.zeros(
        network.state_tensors, network.layers, streams, network.hidden, device=device
    )
