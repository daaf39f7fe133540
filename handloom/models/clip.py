"""Two networks, one for images and one for texts, whose vectors are compared by their cosine.

Radford et al. 2021, arXiv:2103.00020, fig. 3.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LARGEST = 100.0  # of the scale (sec. 2.5): what is larger makes training unstable
BEGIN = 1 / 0.07  # the scale at the beginning (sec. 2.5)


class CLIP(nn.Module):
    """Images and texts to vectors of length 1, and the scale that their cosines are taken by.

    image: (B, C, H, W) in [0, 1] to features (B, features). text: (tokens (B, T), length (B,)) to
    (B, words). width: D of the space of both. dropout: share of the features dropped in training.
    """

    def __init__(
        self,
        image: nn.Module,
        features: int,
        text: nn.Module,
        words: int,
        width: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.image, self.text = image, text
        self.norm = nn.BatchNorm1d(features, affine=False)  # pretrained features differ in size
        self.dropout = nn.Dropout(dropout)
        self.project_image = nn.Linear(features, width, bias=False)
        self.project_text = nn.Linear(words, width, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(math.log(BEGIN)))

    def images(self, image: Tensor) -> Tensor:
        """Image (B, C, H, W) in [0, 1] -> (B, D), of length 1."""
        return self.of_features(self.image(image))

    def of_features(self, features: Tensor) -> Tensor:
        """What the image network gives, (B, F) -> (B, D), of length 1."""
        vectors = self.project_image(self.dropout(self.norm(features.float())))
        return F.normalize(vectors.float(), dim=1)

    def texts(self, tokens: Tensor, length: Tensor) -> Tensor:
        """Tokens int64 (B, T), padded on the right, and length (B,) -> (B, D), of length 1."""
        return F.normalize(self.project_text(self.text(tokens, length)).float(), dim=1)

    def forward(self, image: Tensor) -> Tensor:
        """As `images`."""
        return self.images(image)

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied by to be logits, 0-dim."""
        return self.log_scale.exp()

    @torch.no_grad()
    def clamp_scale(self) -> None:
        """Keep the scale at 100 or below."""
        self.log_scale.clamp_(max=math.log(LARGEST))
