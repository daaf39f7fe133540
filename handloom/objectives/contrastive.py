"""Contrastive losses over embeddings of length 1: what belongs together is close, the rest apart.

All take `embedding` (N, D), rows of length 1, and `label` int64 (N,): rows of one label belong
together. Where there are no labels, the rows of one image have a label of their own. Every loss is
computed in float32, also under autocast.
"""

import torch
from torch import Tensor

LEAST = 1e-12  # of a squared distance under a root, whose slope at zero is infinite


def nt_xent(embedding: Tensor, label: Tensor | None, temperature: float) -> Tensor:
    """Normalized temperature-scaled cross-entropy (Chen et al. 2020, arXiv:2002.05709, eq. 1).

    embedding: (2 B, D); rows i and i + B are two views of one image, which is all it asks of a
    label. The mean over all rows of -log exp(s(i, j) / t) / sum over k != i of exp(s(i, k) / t),
    where j is the other view of i.
    """
    with torch.autocast(embedding.device.type, enabled=False):
        logits = _similarity(embedding) / temperature  # (2 B, 2 B), the diagonal -inf
        count = len(embedding)
        other = torch.arange(count, device=embedding.device).roll(count // 2)
        return torch.nn.functional.cross_entropy(logits, other)


def supervised_contrastive(embedding: Tensor, label: Tensor, temperature: float) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, arXiv:2004.11362, eq. 2, "out").

    The mean over rows i of the mean over its positives p of -log softmax over k != i of
    s(i, k) / t, at p. A row without a positive counts as 0. With two rows for each label it is
    NT-Xent.
    """
    with torch.autocast(embedding.device.type, enabled=False):
        logits = _similarity(embedding) / temperature
        nll = torch.logsumexp(logits, 1, keepdim=True) - logits  # (N, N), the diagonal inf
        positive = _same(label)
        total = nll.masked_fill(~positive, 0.0).sum(1)
        return (total / positive.sum(1).clamp(min=1)).mean()


def pairwise_contrastive(embedding: Tensor, label: Tensor, margin: float) -> Tensor:
    """Contrastive loss of pairs (Hadsell et al. 2006, "Dimensionality reduction by learning an
    invariant mapping", eq. 4): d^2 / 2 of a similar pair, max(0, margin - d)^2 / 2 of another.

    Differences: the mean over all similar pairs of a batch and that over all others are added, so
    that both weigh the same however many classes there are; the paper sums over sampled pairs.
    """
    with torch.autocast(embedding.device.type, enabled=False):
        squared = _squared_distance(embedding)
        positive = _same(label)
        negative = label[:, None] != label[None]
        apart = (margin - squared.clamp(min=LEAST).sqrt()).relu().square()
        return (_mean_where(squared, positive) + _mean_where(apart, negative)) / 2


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """Triplet loss (Schroff et al. 2015, arXiv:1503.03832, eq. 3), mean over rows (B, D) each:
    max(0, |anchor - positive|^2 - |anchor - negative|^2 + margin)."""
    near = (anchor.float() - positive.float()).square().sum(1)
    far = (anchor.float() - negative.float()).square().sum(1)
    return (near - far + margin).relu().mean()


def semi_hard_triplet(embedding: Tensor, label: Tensor, margin: float) -> Tensor:
    """`triplet` over every pair of an anchor and a positive, with a semi-hard negative for each
    (Schroff et al. 2015, sec. 3.2): the nearest row of another label that is farther away than the
    positive; where none is farther, the farthest. The mean over all such pairs."""
    with torch.autocast(embedding.device.type, enabled=False):
        squared = _squared_distance(embedding)  # (N, N), from anchor i to j
        positive = _same(label)
        negative = label[:, None] != label[None]
        ordered = squared.masked_fill(~negative, torch.inf).sort(1).values  # negatives first
        known = ordered.detach()
        place = torch.searchsorted(known, squared.detach().contiguous(), right=True)
        last = (negative.sum(1, keepdim=True) - 1).clamp(min=0)
        far = ordered.gather(1, torch.minimum(place, last))  # (N, N), for the positive j
        return _mean_where((squared - far + margin).relu(), positive)


def _similarity(embedding: Tensor) -> Tensor:
    """Cosines (N, N), -inf of a row with itself."""
    rows = embedding.float()
    itself = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    return (rows @ rows.T).masked_fill(itself, -torch.inf)


def _squared_distance(embedding: Tensor) -> Tensor:
    """Of rows of length 1, (N, N)."""
    rows = embedding.float()
    return (2 - 2 * rows @ rows.T).clamp(min=0)


def _same(label: Tensor) -> Tensor:
    """Whether two rows belong together, bool (N, N); no row with itself."""
    itself = torch.eye(len(label), dtype=torch.bool, device=label.device)
    return (label[:, None] == label[None]) & ~itself


def _mean_where(value: Tensor, chosen: Tensor) -> Tensor:
    """Mean of the chosen entries, 0 where there are none; without waiting for the device."""
    return value.masked_fill(~chosen, 0.0).sum() / chosen.sum().clamp(min=1)
