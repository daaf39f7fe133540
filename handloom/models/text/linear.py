"""A linear classifier on TF-IDF features: the plain rival that every text network must beat."""

import torch
from torch import Tensor, nn


class TfidfLinear(nn.Module):
    """Logits linear in (1 + log count) * idf, each text's features scaled to length 1.

    Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval". The weights
    are solved in closed form, or by scikit-learn: `TfidfVectorizer(sublinear_tf=True)` and
    `LogisticRegression` give the same logits.

    features: F; classes: K.
    """

    idf: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("idf", torch.ones(features))
        self.weight = nn.Parameter(torch.zeros(features, classes))
        self.bias = nn.Parameter(torch.zeros(classes))

    def values(self, place: Tensor, count: Tensor) -> Tensor:
        """Features of texts, 0 where the count is: float (B, M), each row of length 1 or 0."""
        value = (1 + count.clamp(min=1).log()) * self.idf[place] * (count > 0)
        scaled: Tensor = value / value.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return scaled

    def forward(self, place: Tensor, count: Tensor) -> Tensor:
        """Places int64 (B, M) and counts (B, M), 0 for none, as `NGrams` gives -> (B, K)."""
        value = self.values(place, count)
        logits = nn.functional.embedding_bag(
            place, self.weight, per_sample_weights=value, mode="sum"
        )
        summed: Tensor = logits + self.bias
        return summed
