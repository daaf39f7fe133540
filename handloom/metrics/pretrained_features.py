"""Features of torchvision's MobileNetV2, with weights from a file of the user's.

Sandler et al. 2018, arXiv:1801.04381; usually pretrained on ImageNet.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from handloom.errors import UserError

NAME = "mobilenet_v2"
FEATURES = 1280
SIDE = 96  # pixels; 7 ms an image on one core, 10 at 128, 40 at 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in its training


class PretrainedFeatures(nn.Module):
    """features: image (B, C, H, W) in [0, 1], C 1 or 3, to (B, 1280): the mean of each last map.

    Images are resized to 96x96 pixels. classes: outputs of the head in the weights, which is loaded
    and not used.
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
        """The mean of each of the last feature maps, before the head, (B, 1280)."""
        shrinks = image.shape[2] > SIDE or image.shape[3] > SIDE
        sides = (SIDE, SIDE)
        image = interpolate(image, sides, mode="bilinear", antialias=shrinks, align_corners=False)
        # A grey image becomes three channels here, by broadcasting.
        maps: Tensor = self.network.features((image - self.mean) / self.std)
        return maps.mean((2, 3))


def with_weights(weights: dict[str, Tensor], path: str) -> PretrainedFeatures:
    """The network with the weights of a file. Raises UserError for weights of another network."""
    network = PretrainedFeatures(head_size(weights, path))
    try:
        network.network.load_state_dict(weights)
    except RuntimeError:
        raise _other_network(path) from None
    return network


def head_size(weights: dict[str, Tensor], path: str) -> int:
    """Outputs of the head in the weights. Raises UserError for weights of another network."""
    head = weights.get("classifier.1.weight")
    if head is None or head.ndim != 2 or head.shape[1] != FEATURES:
        raise _other_network(path)
    return len(head)


def _other_network(path: str) -> UserError:
    return UserError(
        f"--evaluator {path}: not the weights of torchvision's {NAME}; give a file of that "
        "network, or leave --evaluator out"
    )
