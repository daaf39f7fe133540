"""Naive Bayes over n-grams of tokens, averaged with a text network.

Wang and Manning 2012, "Baselines and bigrams: simple, good sentiment and topic classification":
log-count ratios of words and pairs that stand in a text.

Differences: the ratios are scores by themselves instead of being the features of a support vector
machine; a text's sum is divided by the square root of how many features it has, since neighbours
repeat each other and long texts would drown the network.
"""

import torch
from torch import Tensor, nn

STRENGTH = 0.6  # of the ratios beside a network's logits, chosen between 0.15 and 1.5 for reviews


class NaiveBayes(nn.Module):
    """Log-count ratios of features, each class against the others.

    features: F; classes: K. The table is counted once, by `count`, and takes no gradients. Class
    frequencies do not enter: a rare class counts as much as a common one.
    """

    table: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("table", torch.zeros(features, classes))

    @torch.no_grad()
    def count(self, place: Tensor, label: Tensor, weight: Tensor | None = None) -> None:
        """From labelled features: place, label int64 (M,), a feature once in a text.

        weight: of the classes, (K,), that a feature is counted with: without it, one more than was
        seen of everything drowns what little was seen of a rare class.
        """
        features, classes = self.table.shape
        counts = torch.bincount(place * classes + label, minlength=features * classes)
        share = counts.view(features, classes).double()  # (F, K)
        share = (share if weight is None else share * weight) + 1.0  # one more than was seen
        others = share.sum(1, keepdim=True) - share
        self.table.copy_((share / share.sum(0)).log() - (others / others.sum(0)).log())

    def values(self, count: Tensor) -> Tensor:
        """The weights of features, 0 where the count is: float (B, M)."""
        known = (count > 0).float()
        return STRENGTH * known / known.sum(1, keepdim=True).clamp(min=1).sqrt()

    def forward(self, place: Tensor, count: Tensor) -> Tensor:
        """Places int64 (B, M) and counts (B, M), 0 for none, as `NGrams` gives -> (B, K)."""
        return nn.functional.embedding_bag(
            place, self.table, per_sample_weights=self.values(count), mode="sum"
        )
