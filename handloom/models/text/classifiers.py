"""Networks that read a text and score its classes: recurrent, convolutional, and a bag of words.

All take tokens int64 (B, T), padded on the right with 0, and length int64 (B,), 1 at least, and
give logits (B, K). What stands beyond a text's length cannot change its logits.
"""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pool = Literal["max", "mean"]
SPANS = (3, 4, 5)  # words that a convolution sees (Kim 2014)
LONGEST = 3.0  # a row of its last layer


class WordTable(nn.Module):
    """Words looked up; the row of padding (0) is zero and stays so.

    vocabulary: V; width: E; frozen: the table does not learn.
    dropout: share of whole channels of the embedding dropped in a text, the same at every word
        (Tompson et al. 2015, arXiv:1411.4280).
    """

    def __init__(self, vocabulary: int, width: int, frozen: bool, dropout: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocabulary, width) * 0.1, requires_grad=not frozen)
        with torch.no_grad():
            self.weight[0] = 0.0
        self.dropout = dropout

    @torch.no_grad()
    def begin_with(self, rows: Tensor, vector: Tensor) -> None:
        """Vectors (M, E) at rows (M,); other rows are random with the same spread (Kim 2014).

        Vectors that are trained are first scaled to the spread of the table's initialisation:
        GloVe's 50 numbers have a standard deviation of 0.65, and Adam, whose steps do not grow with
        the weights, would hardly move them (CNN on movie reviews, validation of seed 0: 70 %
        unscaled, 76 % scaled).
        """
        spread = self.weight[1:].std()
        if self.weight.requires_grad:
            self.weight[rows] = vector * (spread / vector.std())
        else:
            self.weight.mul_(vector.std() / spread)
            self.weight[rows] = vector

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (B, T) -> (T, B, E)."""
        rows = F.embedding(tokens.t(), self.weight, padding_idx=0)
        if self.training and self.dropout:
            rows = rows * F.dropout(rows.new_ones(rows.shape[1:]), self.dropout)
        return rows


class TextRNN(nn.Module):
    """LSTM or GRU over the words, in one direction or both, then the maximum or mean over time.

    Bidirectional: each layer reads forwards, and backwards from every text's own last word.
    linear: width of a ReLU layer before the logits, or None.
    one_logit: two classes share one output z, and the logits are (0, z).
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        classes: int,
        cell: Literal["lstm", "gru"] = "lstm",
        hidden: int = 128,
        layers: int = 1,
        bidirectional: bool = True,
        pool: Pool = "max",
        linear: int | None = None,
        dropout: float = 0.0,
        channel_dropout: float = 0.0,
        frozen: bool = False,
        one_logit: bool = False,
    ) -> None:
        super().__init__()
        self.words = WordTable(vocabulary, width, frozen, channel_dropout)
        kind, ways = {"lstm": nn.LSTM, "gru": nn.GRU}[cell], 2 if bidirectional else 1
        sizes = [width] + [ways * hidden] * (layers - 1)
        self.forwards = nn.ModuleList(kind(size, hidden) for size in sizes)
        self.backwards = nn.ModuleList(kind(size, hidden) for size in sizes if bidirectional)
        self.pool, self.one_logit, self.dropout = pool, one_logit, nn.Dropout(dropout)
        outputs = 1 if one_logit else classes
        self.head = nn.Sequential(
            *([nn.Linear(ways * hidden, linear), nn.ReLU()] if linear else []),
            nn.Linear(linear or ways * hidden, outputs),
        )

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        states = self.dropout(self.words(tokens))  # (T, B, E)
        time = torch.arange(tokens.shape[1], device=tokens.device)[:, None]  # (T, 1)
        for n, forwards in enumerate(self.forwards):
            outputs: list[Tensor] = [forwards(states)[0]]
            if len(self.backwards):
                backwards = self.backwards[n]
                outputs.append(turned(backwards(turned(states, time, length))[0], time, length))
            states = torch.cat(outputs, 2) if len(outputs) > 1 else outputs[0]  # (T, B, ways * H)
        logits: Tensor = self.head(self.dropout(pooled(states, time < length, self.pool)))
        return torch.cat([torch.zeros_like(logits), logits], 1) if self.one_logit else logits


class TextCNN(nn.Module):
    """Convolutions over 3, 4 and 5 words, each map's maximum over time (Kim 2014, arXiv:1408.5882).

    The rows of the last layer are kept within a norm of 3 by `project` after every update.
    Differences from the paper: Adam instead of Adadelta; one channel.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        classes: int,
        maps: int = 100,
        dropout: float = 0.5,
        channel_dropout: float = 0.0,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        self.words = WordTable(vocabulary, width, frozen, channel_dropout)
        self.convolutions = nn.ModuleList(nn.Conv1d(width, maps, s, padding=s - 1) for s in SPANS)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(maps * len(SPANS), classes)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        words = self.words(tokens).permute(1, 2, 0)  # (B, E, T)
        maxima = []
        for span, convolution in zip(SPANS, self.convolutions, strict=True):
            maps = convolution(words).relu()  # (B, M, T + s - 1)
            inside = torch.arange(maps.shape[2], device=tokens.device)
            reach = length[:, None] + span - 1
            # All maps are 0 or more, so 0 stands for "nothing found".
            maxima.append((maps * (inside < reach)[:, None]).amax(2))
        logits: Tensor = self.head(self.dropout(torch.cat(maxima, 1)))
        return logits

    @torch.no_grad()
    def project(self) -> None:
        """Shrink rows of the last layer that are longer than 3."""
        weight = self.head.weight
        weight.mul_((LONGEST / weight.norm(dim=1, keepdim=True).clamp(min=1e-7)).clamp(max=1.0))


class BagOfWords(nn.Module):
    """The mean of the word vectors, and one linear layer (Joulin et al. 2016, arXiv:1607.01759)."""

    def __init__(
        self,
        vocabulary: int,
        width: int,
        classes: int,
        dropout: float = 0.0,
        channel_dropout: float = 0.0,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        self.words = WordTable(vocabulary, width, frozen, channel_dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        mean = self.words(tokens).sum(0) / length[:, None]  # padding adds zeros
        logits: Tensor = self.head(self.dropout(mean))
        return logits


def pooled(states: Tensor, inside: Tensor, pool: Pool) -> Tensor:
    """Over time: states (T, B, C), inside bool (T, B) -> (B, C)."""
    if pool == "max":
        return states.masked_fill(~inside[:, :, None], -math.inf).amax(0)
    return (states * inside[:, :, None]).sum(0) / inside.sum(0)[:, None]


def turned(states: Tensor, time: Tensor, length: Tensor) -> Tensor:
    """Every text from its last word to its first; padding stays behind it. (T, B, C) both."""
    place = torch.where(time < length, length - 1 - time, time)  # (T, B)
    return states.gather(0, place[:, :, None].expand_as(states))
