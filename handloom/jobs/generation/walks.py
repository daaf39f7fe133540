"""Paths in the latent space: from one latent to the next, in straight lines or great circles."""

import math
from itertools import pairwise

import torch
from torch import Tensor


def walk(ends: Tensor, steps: int, spherical: bool, closed: bool = False) -> Tensor:
    """Latents from each end to the next, `steps` per leg, and the last end: (F, D).

    ends (E, D), E at least 2; spherical: along great circles, which suits a normal prior; closed:
    from the last end back to the first, which is not repeated.
    """
    stops = [*ends, ends[0]] if closed else list(ends)
    path = slerp if spherical else lerp
    shares = torch.arange(steps) / steps
    legs = [path(a, b, shares) for a, b in pairwise(stops)]
    return torch.cat(legs if closed else [*legs, ends[-1:]])


def lerp(a: Tensor, b: Tensor, shares: Tensor) -> Tensor:
    """(F, D) on the line from a (D,) to b (D,), where shares (F,) are 0 at a and 1 at b."""
    return torch.lerp(a, b, shares[:, None].to(a))


def slerp(a: Tensor, b: Tensor, shares: Tensor) -> Tensor:
    """As `lerp`, on the great circle between the directions of a and b (White 2016,
    arXiv:1609.04468, section 2.1).

    In many dimensions nearly all of a normal lies close to one sphere, which a straight line would
    leave. Falls back to the line where the circle is undefined: parallel or opposite directions, or
    an end at the origin.
    """
    cosine = torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=0)
    angle = torch.acos(cosine.clamp(-1, 1)).item()
    if math.sin(angle) < 1e-3 or not (a.any() and b.any()):
        return lerp(a, b, shares)
    t = shares[:, None].double()
    path = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / math.sin(angle)
    return path.to(a.dtype)
