"""Features of a network trained elsewhere: torchvision's MobileNetV2, on photographs.

Sandler et al. 2018, arXiv:1801.04381. Its weights come from a file of the user's.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from handloom.errors import UserError

NAME = "mobilenet_v2"
FEATURES = 1280
SIDE = 96  # pixels; 7 ms an image on one core, 10 at 128, 40 at 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in its training


class Published(nn.Module):
    """features: image (B, C, H, W) in [0, 1], C 1 or 3, to (B, 1280), its last maps' means.

    Images are brought to 96 pixels a side. classes: outputs of the head the weights have, which
    is not used.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, classes: int = 1000) -> None:
        from torchvision.models import mobilenet_v2

        super().__init__()
        self.network = mobilenet_v2(num_classes=classes)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def features(self, image: Tensor) -> Tensor:
        """The mean over each of the last maps, before the head, (B, 1280)."""
        shrunk = image.shape[2] > SIDE or image.shape[3] > SIDE
        sides = (SIDE, SIDE)
        image = interpolate(image, sides, mode="bilinear", antialias=shrunk, align_corners=False)
        maps: Tensor = self.network.features((image - self.mean) / self.std)  # grey becomes three
        return maps.mean((2, 3))


def published(weights: dict[str, Tensor], path: str) -> Published:
    """The network with the weights of a file; raises UserError where they are of another one."""
    network = Published(head_of(weights, path))
    try:
        network.network.load_state_dict(weights)
    except RuntimeError:
        raise _others(path) from None
    return network


def head_of(weights: dict[str, Tensor], path: str) -> int:
    """Outputs of the head the weights have; raises UserError where they are of another network."""
    head = weights.get("classifier.1.weight")
    if head is None or head.ndim != 2 or head.shape[1] != FEATURES:
        raise _others(path)
    return len(head)


def _others(path: str) -> UserError:
    return UserError(
        f"{path} holds no weights of torchvision's {NAME}, which can judge images: give such a "
        "file to --judge, or leave it out"
    )
