"""An embedding is a linear layer on one-hot vectors, of which one row is looked up.

A token k of a vocabulary of V is the one-hot vector e_k of V zeros, and a 1 at place k. Then

    e_k W = row k of W                       W (V, D)
    d loss / dW = sum over tokens of e_k^T (d loss / d output)

The product reads V * D numbers for each token, the look-up D; they are the same to the bit, since
all other products are with 0. The gradient reaches the rows that were looked up, and no other.
"""

import torch
from torch import Tensor


def one_hot(tokens: Tensor, vocabulary: int) -> Tensor:
    """int64 (...) -> float32 (..., V): a 1 at the place of each token, 0 elsewhere."""
    places = torch.arange(vocabulary)  # (V,)
    return (tokens[..., None] == places).float()


def product(tokens: Tensor, W: Tensor) -> Tensor:
    """one_hot(tokens) W: (...) and (V, D) -> (..., D)."""
    return one_hot(tokens, len(W)) @ W


def look_up(tokens: Tensor, W: Tensor) -> Tensor:
    """The same, without the product: row k of W for every token k."""
    return W[tokens]
