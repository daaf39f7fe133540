"""How like the real ones generated images are: distances between two sets of features.

Nothing here touches the global generators or knows where the features come from.
"""

import warnings

import torch
from torch import Tensor, nn

ROWS = 1024  # of a matrix of distances at a time


def kid(real: Tensor, generated: Tensor, subsets: int = 50, size: int = 1000) -> Tensor:
    """Kernel inception distance (Binkowski et al. 2018, arXiv:1801.01401), by torchmetrics.

    real (N, F), generated (M, F), float32 -> a 0-dim tensor, the mean over random subsets. The
    kernel is (x . y / F + 1) ** 3, the estimator has no bias: 0 on average where both are drawn
    from one distribution, a little below as often as above. The draws are always the same ones.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about memory: the features are there already
        from torchmetrics.image.kid import KernelInceptionDistance

        size = min(size, len(real), len(generated))
        metric = KernelInceptionDistance(_AsTheyAre(), subsets=subsets, subset_size=size)
    metric.to(real.device)
    metric.update(real, real=True)
    metric.update(generated, real=False)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)  # of the CPU alone
        mean: Tensor = metric.compute()[0]
    return mean


def fid(real: Tensor, generated: Tensor) -> Tensor:
    """Frechet inception distance (Heusel et al. 2017, arXiv:1706.08500), by torchmetrics.

    real (N, F), generated (M, F), float32 -> a 0-dim tensor: |m - m'|^2 + tr(S + S' - 2 sqrt(S S'))
    of the two Gaussians, in float64. Too large by about F^2 / N where there are few images.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchmetrics.image.fid import FrechetInceptionDistance

        metric = FrechetInceptionDistance(_AsTheyAre(real.shape[1])).to(real.device)
    metric.update(real, real=True)
    metric.update(generated, real=False)
    found: Tensor = metric.compute()
    return found


def alike(features: Tensor, width: Tensor) -> Tensor:
    """How alike two different rows are on average, in [0, 1]: the mean of exp(-(d / width)^2).

    features: (N, F), N above 1. Its inverse is the effective number of different images, the
    order-2 Vendi score of the distribution (Pasarkar and Dieng 2023, arXiv:2310.12952), without
    the pairs of an image with itself, so that it does not depend on N. It is the chance of
    meeting an image twice, as in the birthday test for collapsed generators (Arora and Zhang
    2017, arXiv:1706.08224).
    """
    total = torch.zeros((), dtype=torch.float64, device=features.device)
    for rows in features.split(ROWS):
        total += torch.exp(-((torch.cdist(rows, features) / width) ** 2)).sum(dtype=torch.float64)
    count = len(features)
    found: Tensor = (total - count) / (count * (count - 1))
    return found.clamp(min=0)


def likeness_width(real: Tensor, different: float = 100.0, rows: int = 1000) -> Tensor:
    """The width at which real images (N, F) count as `different` different ones, 0-dim.

    A tenth as many then means a collapse, whatever the scale and the clusters of the features;
    with the quarter of the median distance instead it was 99 to 116 on digits and MNIST.
    """
    some = real[:: -(-len(real) // rows)]
    squares = torch.cdist(some, some) ** 2
    count = len(some)
    low = high = squares.median().clamp(min=1e-12).log() / 2
    low, high = low - 10, high + 10  # logarithms of widths
    for _ in range(40):
        middle = (low + high) / 2
        likeness = torch.exp(-squares / torch.exp(2 * middle)).sum() - count
        wide = likeness > count * (count - 1) / different
        low, high = torch.where(wide, low, middle), torch.where(wide, middle, high)
    return middle.exp()


def nearest(rows: Tensor, among: Tensor, itself: bool = False) -> tuple[Tensor, Tensor]:
    """Distance to the nearest row of `among`, and its place there; (N, F), (M, F) -> (N,), (N,).

    itself: the two are the same set, and a row is not its own neighbour.
    """
    distances, places = [], []
    for first in range(0, len(rows), ROWS):
        part = rows[first : first + ROWS]
        distance = torch.cdist(part, among)  # (ROWS, M)
        if itself:
            here = torch.arange(len(part), device=rows.device)
            distance[here, here + first] = torch.inf
        place = distance.argmin(1)
        places.append(place)
        # Anew: as a product of matrices a small distance is a difference of large numbers.
        distances.append((part - among[place]).square().sum(1).sqrt())
    return torch.cat(distances), torch.cat(places)


def closeness(distance: Tensor, place: Tensor, own: Tensor) -> Tensor:
    """Median of how much farther an image is from its nearest training image than that one is
    from its own nearest training image, a 0-dim tensor (Alaa et al. 2022, arXiv:2102.08921,
    section 4.3: an image below 1 is not authentic).

    distance, place: (N,) of `nearest`; own: (M,) of the training images among themselves. By
    neighbourhood, so that a generator that draws nothing but ones, which are all alike, is not
    taken for one that copies.
    """
    least = 0.1 * own.median()  # an image that is in the set twice has no neighbourhood
    return (distance / torch.maximum(own[place], least).clamp(min=1e-12)).median()


class _AsTheyAre(nn.Module):
    """What torchmetrics takes for a network, where features are made already."""

    def __init__(self, features: int = 0) -> None:
        super().__init__()
        self.num_features = features

    def forward(self, features: Tensor) -> Tensor:
        return features
