"""Squares in the latent space: what a manifold image is decoded from."""

import torch
from torch import Tensor

from handloom.jobs.generation.walks import lerp, slerp
from handloom.metrics.pca import principal_directions

EDGE = 0.02  # share of the distribution beyond each side of a square
SPANS = {
    "uniform": "from -0.96 to 0.96",
    "normal": "from the 2nd to the 98th percentile",
    "fitted": "from the 2nd to the 98th percentile",
}


def plane(
    kind: str,
    mean: Tensor,
    covariance: Tensor,
    side: int,
    encoded: Tensor | None = None,
    corners: Tensor | None = None,
) -> tuple[Tensor, str]:
    """A square of latents (side * side, D) in a prior, and its description.

    kind, mean (D,), covariance (D, D): the prior's. Of two dimensions, a uniform prior is covered
    evenly, a normal one by its quantiles, a fitted one by the quantiles along its principal
    directions. Of more dimensions the square spans the two principal directions of `encoded`
    (N, D), latents of images; without those it lies between four latents, `corners` (4, D). Of one
    dimension there is a single row.
    """
    dimensions, mean = len(mean), mean.float().cpu()
    if dimensions > 2 and encoded is not None and len(encoded) > 2:
        return _principal_plane(mean, encoded, side)
    if dimensions > 2 and corners is not None:
        latent = between(corners.float().cpu(), side, kind == "normal")
        return latent, "between four latents, one at each corner"
    steps = (even_square if kind == "uniform" else square)(side)[:, : min(dimensions, 2)]
    directions, deviation = torch.eye(dimensions), torch.ones(dimensions)
    if kind == "fitted":
        directions, deviation = principal_directions(covariance.cpu())
    latent = mean + (steps * deviation[:2]) @ directions[:2]
    if dimensions == 1:
        return latent[:side], f"the one latent dimension {SPANS[kind]}"
    which = "both" if dimensions == 2 else "two of the"
    return latent, f"{which} latent dimensions {SPANS[kind]}"


def square(side: int) -> Tensor:
    """A square of standard normal quantiles, (side * side, 2), row by row as in an image: the first
    coordinate grows to the right, the second upwards.

    Rows and columns are equally likely, from the 2nd to the 98th percentile.
    """
    quantiles = torch.special.ndtri(torch.linspace(EDGE, 1 - EDGE, side, dtype=torch.float64))
    return _square(quantiles.float())


def even_square(side: int) -> Tensor:
    """As `square`, of the uniform distribution in [-1, 1]."""
    return _square(torch.linspace(-1, 1, side) * (1 - 2 * EDGE))


def between(corners: Tensor, side: int, spherical: bool) -> Tensor:
    """Latents (side * side, D) between four, (4, D): top left, top right, bottom left, bottom
    right."""
    path, shares = slerp if spherical else lerp, torch.linspace(0, 1, side)
    left, right = path(corners[0], corners[2], shares), path(corners[1], corners[3], shares)
    return torch.cat([path(a, b, shares) for a, b in zip(left, right, strict=True)])


def _principal_plane(mean: Tensor, encoded: Tensor, side: int) -> tuple[Tensor, str]:
    directions, deviation = principal_directions(encoded.float().T.cov())
    share = deviation[:2].square().sum() / deviation.square().sum().clamp(min=1e-12)
    about = (
        f"a plane through the mean of the prior along the first two of {len(mean)} principal "
        f"components of the latents, which hold {100 * share:.0f} % of their variance, "
        f"{SPANS['normal']}"
    )
    return mean + (square(side) * deviation[:2]) @ directions[:2], about


def _square(values: Tensor) -> Tensor:
    right, up = torch.meshgrid(values, values.flip(0), indexing="xy")
    return torch.stack([right.flatten(), up.flatten()], 1)
