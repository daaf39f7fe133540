"""Writing text with a language model, character by character."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sampling:
    """How the next character is sampled.

    temperature: divides the logits; 0 is greedy, 1 the model's own distribution.
    top_k: only among the k likeliest, or None.
    top_p: only among the likeliest that together reach this probability (Holtzman et al. 2020,
        arXiv:1904.09751), or None.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None


def write(
    step: Callable[[int], Tensor], prefix: list[int], choice: Sampling, generator: torch.Generator
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


def pick(logits: Tensor, choice: Sampling, generator: torch.Generator) -> Tensor:
    """One token of each row: logits float32 (B, V) -> int64 (B,)."""
    if choice.temperature == 0:
        return logits.argmax(1)
    probability, places = kept(logits / choice.temperature, choice.top_k, choice.top_p)
    sampled = torch.multinomial(probability, 1, generator=generator)
    return (sampled if places is None else places.gather(1, sampled))[:, 0]


def kept(logits: Tensor, top_k: int | None, top_p: float | None) -> tuple[Tensor, Tensor | None]:
    """Probabilities (B, N) to sample from, and their tokens (B, N), or None for all in order.

    Only the k likeliest are sorted. The nucleus is the smallest set of likeliest characters that
    reaches `top_p`, one at least; what is outside has probability 0.
    """
    count = logits.shape[1]
    if (top_k is None or top_k >= count) and (top_p is None or top_p >= 1):
        return logits.softmax(1), None
    ordered, places = logits.topk(min(top_k or count, count), 1)
    probability = ordered.softmax(1)
    if top_p is not None:
        outside = probability.cumsum(1) - probability >= top_p  # those before already reach it
        probability = probability.masked_fill(outside, 0.0)
    return probability, places
