"""N-grams of 1 to n tokens as features, looked up in a sorted table."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

PAD, UNKNOWN = 0, 1
AT_ONCE = 512  # texts read together while the table is learned
MOST_TOKENS = 1 << 21  # of them, padding included


def ngram_keys(tokens: Tensor, length: Tensor, vocabulary: int, orders: int) -> Tensor:
    """Every n-gram of 1 to `orders` tokens as a number, 0 where there is none.

    tokens int64 (B, T), padded on the right; length int64 (B,) -> int64 (B, T * orders). A run is
    the number whose digits, to the base V, are its tokens; as no token is 0, runs of different
    lengths differ. Runs with an unknown token are none.
    """
    time = torch.arange(tokens.shape[1], device=tokens.device)
    usable = (time < length[:, None]) & (tokens != UNKNOWN) & (tokens != PAD)  # (B, T)
    keys, run, whole = [tokens * usable], tokens, usable
    for order in range(1, min(orders, tokens.shape[1])):
        run = run[:, :-1] * vocabulary + tokens[:, order:]
        whole = whole[:, :-1] & usable[:, order:]
        keys.append(run * whole)
    return torch.cat(keys, 1)


def most_orders(vocabulary: int, orders: int) -> int:
    """The longest n-gram that fits into 63 bits, `orders` at most."""
    while vocabulary**orders >= 1 << 63:
        orders -= 1
    return orders


class NGrams(nn.Module):
    """The features of a text: places in a table of n-grams, each once, with its count.

    vocabulary: V, tokens there are; orders: longest run; features: F, rows of the table, which
    `learn` fills or a saved state brings.
    """

    keys: Tensor

    def __init__(self, vocabulary: int, orders: int, features: int) -> None:
        super().__init__()
        self.vocabulary, self.orders = vocabulary, orders
        self.register_buffer("keys", torch.zeros(features, dtype=torch.int64))

    def forward(self, tokens: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens int64 (B, T), length (B,) -> places int64 (B, M), counts float (B, M).

        A count of 0 marks places that mean nothing: runs not in the table, and repetitions.
        """
        keys = ngram_keys(tokens, length, self.vocabulary, self.orders)
        place = self.places(keys).clamp(max=len(self.keys) - 1)
        place = place.masked_fill((self.keys[place] != keys) | (keys == 0), len(self.keys))
        place = place.sort(1).values
        is_first = torch.ones_like(place, dtype=torch.bool)
        is_first[:, 1:] = place[:, 1:] != place[:, :-1]
        run = is_first.cumsum(1) - 1
        count = torch.zeros_like(run).scatter_add(1, run, torch.ones_like(run)).gather(1, run)
        known = is_first & (place < len(self.keys))
        return place.clamp(max=len(self.keys) - 1), (count * known).float()

    def places(self, keys: Tensor) -> Tensor:
        """How many keys of the table are less, int64 as `keys`."""
        return torch.searchsorted(self.keys, keys)


def learn_keys(tokens: Tensor, length: Tensor, vocabulary: int, orders: int, most: int) -> Tensor:
    """The n-grams of some texts, sorted, int64 (F,); the `most` that occur in most texts.

    tokens: int (sum of lengths,), one text after the other; length: int64 (N,).
    """
    keys = torch.zeros(0, dtype=torch.int64)
    count = torch.zeros(0, dtype=torch.int64)
    for padded, part in padded_texts(tokens, length):
        ordered = ngram_keys(padded, part, vocabulary, orders).sort(1).values
        is_new = torch.ones_like(ordered, dtype=torch.bool)
        is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        fresh, times = ordered[is_new & (ordered > 0)].unique(return_counts=True)
        keys, place = torch.cat([keys, fresh]).unique(return_inverse=True)
        count = torch.zeros(len(keys), dtype=torch.int64).scatter_add(
            0, place, torch.cat([count, times])
        )
    if len(keys) > most:
        keys = keys[count.argsort(descending=True, stable=True)[:most]].sort().values
    return keys


def padded_texts(
    tokens: Tensor, length: Tensor, at_once: int = AT_ONCE
) -> Iterator[tuple[Tensor, Tensor]]:
    """Texts one after the other as padded batches: tokens int64 (B, T) and length (B,), in order.

    Batches of long texts are small, so that memory stays bounded.
    """
    starts = length.cumsum(0) - length
    at_once = max(1, min(at_once, MOST_TOKENS // max(int(length.max()), 1)))
    for rows in torch.split(torch.arange(len(length)), at_once):
        column = torch.arange(int(length[rows].max()))
        place = (starts[rows][:, None] + column).clamp(max=len(tokens) - 1)
        yield tokens[place].long() * (column < length[rows][:, None]), length[rows]
