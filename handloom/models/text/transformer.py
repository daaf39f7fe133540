"""Texts as vectors, for networks that compare them with images: a small transformer, and a bag.

Both take tokens int64 (B, T), padded on the right with 0, and length int64 (B,), 1 at least, and
give (B, D). What stands beyond a text's length cannot change its vector.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.text.classifiers import WordTable

SPREAD = 0.02  # of the places at the beginning


class TextTransformer(nn.Module):
    """Words and their places, blocks of attention, and the mean over the words.

    Vaswani et al. 2017, arXiv:1706.03762; normalisation before each part of a block (Xiong et al.
    2020, arXiv:2002.04745). vocabulary: V; width: D, a multiple of heads; most: the longest text.
    Differences from CLIP's: the mean in place of the state of a last token, and no causal mask, as
    nothing is generated.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        most: int,
        layers: int = 2,
        heads: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.words = WordTable(vocabulary, width, frozen=False, dropout=0.0)
        self.places = nn.Parameter(torch.randn(most, width) * SPREAD)
        self.blocks = nn.ModuleList(TextBlock(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        inside = torch.arange(tokens.shape[1], device=tokens.device) < length[:, None]  # (B, T)
        states = self.words(tokens).transpose(0, 1) + self.places[: tokens.shape[1]]  # (B, T, D)
        for block in self.blocks:
            states = block(states, inside)
        states = self.norm(states) * inside[:, :, None]
        mean: Tensor = states.sum(1) / length[:, None]
        return mean


class TextBlock(nn.Module):
    """Attention of every word to all words of its text, then two linear layers; (B, T, D) both."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)  # queries, keys and values
        self.mixed = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, inside: Tensor) -> Tensor:
        """inside: bool (B, T), which words are of the text."""
        parts = self.asked(self.first(states)).unflatten(2, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # (B, heads, T, D / heads) each
        mixed = F.scaled_dot_product_attention(query, key, value, inside[:, None, None, :])
        states = states + self.dropout(self.mixed(mixed.transpose(1, 2).flatten(2)))
        changed = self.narrow(F.gelu(self.widen(self.second(states))))
        total: Tensor = states + self.dropout(changed)
        return total


class TextBag(nn.Module):
    """The mean of the vectors of the words, normalised: their order says nothing.

    vocabulary: V; width: D; dropout: share of whole words left out while training.
    """

    def __init__(self, vocabulary: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = WordTable(vocabulary, width, frozen=False, dropout=0.0)
        self.norm, self.dropout = nn.LayerNorm(width), dropout

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        words = self.words(tokens)  # (T, B, D); padding is zero
        if self.training and self.dropout:
            words = words * F.dropout(words.new_ones(words.shape[:2]), self.dropout)[:, :, None]
        mean: Tensor = self.norm(words.sum(0) / length[:, None])
        return mean
