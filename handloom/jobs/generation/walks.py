"""Ways through the space of latents: walks between two, squares spread over a distribution."""

import math
from itertools import pairwise

import torch
from torch import Tensor

EDGE = 0.02  # share of the distribution that lies beyond each side of a square


def walk(ends: Tensor, steps: int, spherical: bool, closed: bool = False) -> Tensor:
    """Latents from one end to the next, `steps` for each leg and the last end: (F, D).

    ends (E, D), E at least 2; spherical: along great circles, as latents of a normal need it;
    closed: from the last end back to the first, which is not repeated.
    """
    stops = [*ends, ends[0]] if closed else list(ends)
    way = spherically if spherical else straight
    shares = torch.arange(steps) / steps
    legs = [way(a, b, shares) for a, b in pairwise(stops)]
    return torch.cat(legs if closed else [*legs, ends[-1:]])


def straight(a: Tensor, b: Tensor, shares: Tensor) -> Tensor:
    """(F, D) from a (D,) to b (D,), where shares (F,) are 0 at a and 1 at b."""
    return torch.lerp(a, b, shares[:, None].to(a))


def spherically(a: Tensor, b: Tensor, shares: Tensor) -> Tensor:
    """As `straight`, along the great circle between their directions (White 2016, arXiv:1609.04468,
    sec. 2.1).

    In many dimensions all of a normal lies near one sphere; a straight line would leave it. Where
    the two point the same way, or exactly opposite, or one of them is the middle, there is no one
    circle, and the line is taken.
    """
    cosine = torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=0)
    angle = torch.acos(cosine.clamp(-1, 1)).item()
    if math.sin(angle) < 1e-3 or not (a.any() and b.any()):
        return straight(a, b, shares)
    t = shares[:, None].double()
    found = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / math.sin(angle)
    return found.to(a.dtype)


def square(side: int) -> Tensor:
    """A square of standard normal quantiles, (side * side, 2), row by row as an image is seen:
    the first coordinate grows to the right, the second upwards.

    Its rows and columns are equally likely, from the 2nd to the 98th hundredth.
    """
    quantiles = torch.special.ndtri(torch.linspace(EDGE, 1 - EDGE, side, dtype=torch.float64))
    return _square(quantiles.float())


def even_square(side: int) -> Tensor:
    """As `square`, of the uniform distribution in [-1, 1]."""
    return _square(torch.linspace(-1, 1, side) * (1 - 2 * EDGE))


def principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Directions (D, D), a row each, the widest first, and the spread (D,) along each.

    Of the two ways a direction can point, the one with the larger positive part is taken, so that
    images made from them do not turn around between machines.
    """
    values, vectors = torch.linalg.eigh(covariance.double())
    directions = vectors.T.flip(0)
    sign = directions.pow(3).sum(1).sign()
    directions = directions * torch.where(sign == 0, 1.0, sign)[:, None]
    return directions.float(), values.flip(0).clamp(min=0).sqrt().float()


def plane(
    kind: str,
    mean: Tensor,
    covariance: Tensor,
    side: int,
    codes: Tensor | None = None,
    corners: Tensor | None = None,
) -> tuple[Tensor, str]:
    """A square of latents (side * side, D) in a prior, and what it is, in words.

    kind, mean (D,), covariance (D, D): the prior's. Of two latents a uniform prior is gone through
    evenly, a normal one by its quantiles, a fitted one by those along its principal directions. Of
    more it is the plane of the two widest directions of `codes` (N, D), or, without codes, the
    square between four latents, `corners` (4, D); of one latent a row.
    """
    latent, mean = len(mean), mean.float().cpu()
    if latent > 2 and codes is not None and len(codes) > 2:
        return _widest(mean, codes, side)
    if latent > 2 and corners is not None:
        made = between(corners.float().cpu(), side, kind == "normal")
        return made, "between four latents, one at each corner"
    steps = (even_square if kind == "uniform" else square)(side)[:, : min(latent, 2)]
    directions, spread = torch.eye(latent), torch.ones(latent)
    if kind == "fitted":
        directions, spread = principal(covariance.cpu())
    found = mean + (steps * spread[:2]) @ directions[:2]
    if latent == 1:
        return found[:side], f"the one latent {SPANS[kind]}"
    return found, f"{'both' if latent == 2 else 'two of the'} latents {SPANS[kind]}"


SPANS = {
    "uniform": "from -1 to 1",
    "normal": "from the 2nd to the 98th percentile",
    "fitted": "from the 2nd to the 98th percentile",
}


def between(corners: Tensor, side: int, spherical: bool) -> Tensor:
    """Latents (side * side, D) between four, (4, D): above left and right, below left and right."""
    way, shares = spherically if spherical else straight, torch.linspace(0, 1, side)
    left, right = way(corners[0], corners[2], shares), way(corners[1], corners[3], shares)
    return torch.cat([way(a, b, shares) for a, b in zip(left, right, strict=True)])


def _widest(mean: Tensor, codes: Tensor, side: int) -> tuple[Tensor, str]:
    directions, spread = principal(codes.float().T.cov())
    share = spread[:2].square().sum() / spread.square().sum().clamp(min=1e-12)
    about = (
        f"a plane through the middle of the prior along the two widest of {len(mean)} directions "
        f"of the codes, which hold {100 * share:.0f} % of their variance, {SPANS['normal']}"
    )
    return mean + (square(side) * spread[:2]) @ directions[:2], about


def _square(values: Tensor) -> Tensor:
    right, up = torch.meshgrid(values, values.flip(0), indexing="xy")
    return torch.stack([right.flatten(), up.flatten()], 1)
