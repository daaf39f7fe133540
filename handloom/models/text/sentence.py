"""A pretrained transformer that makes a vector of a text, and a linear head on that vector."""

from typing import Literal

import torch
from torch import Tensor, nn

SentencePooling = Literal["mean", "cls", "max"]


class SentenceBackbone(nn.Module):
    """Tokens to one vector a text (Reimers and Gurevych 2019, arXiv:1908.10084, section 3).

    body: `body(input_ids=(B, T), attention_mask=(B, T)).last_hidden_state` is (B, T, D), as the
    models of transformers have it. pooling: what is taken of the states of a text's tokens: their
    mean, the first one (cls) or their maximum. normalize: vectors get the length 1.
    """

    def __init__(self, body: nn.Module, pooling: SentencePooling, normalize: bool) -> None:
        super().__init__()
        self.body, self.pooling, self.normalize = body, pooling, normalize

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        """Tokens int64 (B, T), padded on the right, and length int64 (B,) -> (B, D)."""
        held = torch.arange(tokens.shape[1], device=tokens.device) < length[:, None]  # (B, T)
        states: Tensor = self.body(input_ids=tokens, attention_mask=held.long()).last_hidden_state
        if self.pooling == "cls":
            vector = states[:, 0]
        elif self.pooling == "max":
            vector = states.masked_fill(~held[:, :, None], -torch.inf).max(1).values
        else:
            vector = (states * held[:, :, None]).sum(1) / length[:, None]
        return nn.functional.normalize(vector, dim=1) if self.normalize else vector


class SentenceClassifier(nn.Module):
    """A frozen backbone and a linear head, which is solved and not trained.

    backbone: (tokens (B, T), length (B,)) -> (B, width); classes: K.
    """

    def __init__(self, backbone: nn.Module, width: int, classes: int) -> None:
        super().__init__()
        self.backbone, self.head = backbone.requires_grad_(False), nn.Linear(width, classes)

    def train(self, mode: bool = True) -> "SentenceClassifier":
        """The backbone stays in eval mode: its dropout belongs to its own training."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        """Tokens int64 (B, T), padded on the right, and length int64 (B,) -> logits (B, K)."""
        logits: Tensor = self.head(self.backbone(tokens, length).float())
        return logits
