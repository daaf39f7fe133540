"""timm's networks without their heads."""

import pytest
import torch

from handloom.encoders.encoder import Backbone
from handloom.encoders.timm import architecture
from handloom.errors import UserError


@pytest.mark.parametrize(
    "name",
    ["test_resnet", "test_vit", "test_efficientnet", "test_convnext", "mobilenetv3_small_050",
     "vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "samvit_base_patch16", "vgg11"],
)  # fmt: skip
def test_features(name: str) -> None:
    with torch.device("meta"):
        made = architecture(name)
        shape = made.preprocessing
        body = made.body.eval()
        features = Backbone(body, 3, made.mean, made.std)(torch.zeros(2, 3, *shape["size"]))
    assert features.ndim == 2
    assert len(features) == 2
    assert features.shape[1] < 5000
    assert 0 < shape["crop"] <= 1
    assert shape["fit"] in ("crop", "stretch", "pad")


def test_the_head_is_what_is_removed() -> None:
    with torch.device("meta"):
        made = architecture("tf_efficientnet_lite0")
    assert made.head == {"classifier.weight", "classifier.bias"}
    assert made.preprocessing["size"] == [224, 224]
    assert made.preprocessing["crop"] == 0.875
    assert made.preprocessing["interpolation"] == "bicubic"
    assert made.mean == (0.5, 0.5, 0.5)


def test_names_that_are_mistyped() -> None:
    with pytest.raises(UserError, match="did you mean 'timm:tf_efficientnet_lite0'"):
        architecture("tf_efficientnetlite0")
    with pytest.raises(UserError, match=r"it has .*resnet18.a1_in1k"):
        architecture("resnet18.a9_in1k")
    with pytest.raises(UserError, match=r"see https://huggingface.co/timm"):
        architecture("qqqq")
