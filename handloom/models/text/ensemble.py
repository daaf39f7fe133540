"""A text network, averaged with linear models of n-grams."""

import torch
from torch import Tensor, nn

from handloom.models.text.linear import TfidfLinear
from handloom.models.text.naive_bayes import NaiveBayes
from handloom.models.text.ngrams import NGrams


class Ensemble(nn.Module):
    """The mean of the logits of its members; in training those of the network alone.

    The linear members are solved on the texts that the network is trained on, and are overconfident
    there: a network averaged with them in training would learn nothing.

    network: (tokens (B, T), length (B,)) -> logits (B, K), or None; ngrams: the features of the
    linear members, of which there is one at least.
    """

    def __init__(
        self,
        network: nn.Module | None,
        ngrams: NGrams,
        linear: TfidfLinear | None,
        bayes: NaiveBayes | None,
    ) -> None:
        super().__init__()
        self.network, self.ngrams, self.linear, self.bayes = network, ngrams, linear, bayes
        if network is not None and linear is not None:
            linear.requires_grad_(False)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        """Tokens int64 (B, T), padded on the right, and length int64 (B,) -> logits (B, K)."""
        if self.training and self.network is not None:
            trained: Tensor = self.network(tokens, length)
            return trained
        logits = [] if self.network is None else [self.network(tokens, length).float()]
        features = self.ngrams(tokens, length)
        logits += [member(*features) for member in (self.linear, self.bayes) if member is not None]
        return torch.stack(logits).mean(0)


class Windowed(nn.Module):
    """Long texts are read in windows of `width` tokens, and the mean of their logits counts, each
    window in proportion to its tokens."""

    def __init__(self, network: nn.Module, width: int) -> None:
        super().__init__()
        self.network, self.width = network, width

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        """Tokens int64 (B, T), padded on the right, and length int64 (B,) -> logits (B, K)."""
        batch, time = tokens.shape
        if time <= self.width:
            logits: Tensor = self.network(tokens, length)
            return logits
        windows = -(-time // self.width)
        padded = nn.functional.pad(tokens, (0, windows * self.width - time))
        start = torch.arange(windows, device=tokens.device) * self.width
        held = (length[:, None] - start).clamp(0, self.width)  # (B, W)
        read = self.network(padded.view(batch * windows, -1), held.flatten().clamp(min=1))
        weight = held / length[:, None]
        mean: Tensor = (read.view(batch, windows, -1) * weight[:, :, None]).sum(1)
        return mean
