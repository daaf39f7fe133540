"""Writing text with a language model, character by character."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Choice:
    """How the next character is drawn.

    temperature: divides the logits; 0 is greedy, 1 the model's own distribution.
    top_k: only among the k likeliest, or None.
    top_p: only among the likeliest that together reach this probability (Holtzman et al. 2020,
        arXiv:1904.09751), or None.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None


def write(
    step: Callable[[int], Tensor], prefix: list[int], choice: Choice, generator: torch.Generator
) -> Iterator[int]:
    """Endless tokens that follow `prefix`, which holds at least one.

    step: takes a token and gives the logits (V,) of the next, and remembers what it was given.
    """
    for token in prefix:
        logits = step(token)
    while True:
        with torch.no_grad():  # not around the loop: a generator leaves it at every yield
            token = int(pick(logits[None].float(), choice, generator))
        yield token
        logits = step(token)


def pick(logits: Tensor, choice: Choice, generator: torch.Generator) -> Tensor:
    """One token of each row: logits float32 (B, V) -> int64 (B,)."""
    if choice.temperature == 0:
        return logits.argmax(1)
    probability = kept(logits / choice.temperature, choice.top_k, choice.top_p)
    return torch.multinomial(probability, 1, generator=generator)[:, 0]


def kept(logits: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Probabilities (B, V) with everything outside the k likeliest and the nucleus at 0.

    The nucleus is the smallest set of likeliest characters that reaches `top_p`; one at least.
    """
    if top_k is not None and top_k < logits.shape[1]:
        least = logits.topk(top_k, 1).values[:, -1:]
        logits = logits.masked_fill(logits < least, -math.inf)
    probability = logits.softmax(1)
    if top_p is not None and top_p < 1:
        ordered, places = probability.sort(dim=1, descending=True, stable=True)
        outside = ordered.cumsum(1) - ordered >= top_p  # what stands before already reaches it
        ordered = ordered.masked_fill(outside, 0.0)
        probability = torch.zeros_like(probability).scatter_(1, places, ordered)
    return probability
