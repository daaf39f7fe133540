"""Random changes of training images, one after another."""

from torch import Tensor, nn

from handloom.models.layers.photo_augment import PhotoAugment


class Changes(nn.Sequential):
    """Every step changes what the step before it made, image (B, C, H, W) to image.

    forward: aspect (B,) is what `PhotoAugment` takes of images that are stretched, None elsewhere.
    """

    def forward(self, image: Tensor, aspect: Tensor | None = None) -> Tensor:
        for step in self:
            image = step(image, aspect) if isinstance(step, PhotoAugment) else step(image)
        return image
