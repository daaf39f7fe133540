"""torchvision's networks without their heads."""

import pytest
import torch

from handloom.encoders.torchvision import architecture
from handloom.errors import UserError

# One of every family, with the width of its last maps or tokens.
WIDTHS = {
    "alexnet": 256, "convnext_tiny": 768, "densenet121": 1024, "efficientnet_b0": 1280,
    "efficientnet_v2_s": 1280, "googlenet": 1024, "inception_v3": 2048, "maxvit_t": 512,
    "mnasnet0_5": 1280, "mobilenet_v2": 1280, "mobilenet_v3_small": 576, "regnet_x_400mf": 400,
    "resnet18": 512, "resnext50_32x4d": 2048, "shufflenet_v2_x0_5": 1024, "squeezenet1_1": 512,
    "swin_t": 768, "swin_v2_t": 768, "vgg11_bn": 512, "vit_b_16": 768, "wide_resnet50_2": 2048,
}  # fmt: skip


@pytest.mark.parametrize("name", WIDTHS)
def test_every_family_gives_features(name: str) -> None:
    from torchvision import models

    arguments = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("cpu" if "regnet" in name else "meta"):  # a regnet reads its own tensors
        made = architecture(name)
        shape = made.preprocessing
        features = made.body.eval()(torch.zeros(2, 3, *shape["size"]))
        whole = models.get_model(name, **arguments)
    assert features.shape == (2, WIDTHS[name])
    assert 0.8 < shape["crop"] <= 1
    own = set(made.body.state_dict())
    assert own <= set(whole.state_dict())
    assert made.head == set(whole.state_dict()) - own
    assert made.head


def test_features_are_what_the_head_sees() -> None:
    from torchvision import models

    torch.manual_seed(0)
    made = architecture("mobilenet_v2")
    whole = models.mobilenet_v2()
    own = {key: value for key, value in whole.state_dict().items() if key not in made.head}
    made.body.load_state_dict(own)
    image = torch.rand(1, 3, 64, 64)
    seen = []
    whole.classifier.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        whole.eval()(image)
        assert torch.equal(made.body.eval()(image), seen[0])


def test_weights_by_name() -> None:
    with torch.device("meta"):
        first, default = architecture("resnet50.IMAGENET1K_V1"), architecture("resnet50")
    assert first.preprocessing["crop"] == 224 / 256
    assert default.preprocessing["crop"] == 224 / 232
    with pytest.raises(UserError, match="it has IMAGENET1K_V1, IMAGENET1K_V2"):
        architecture("resnet50.IMAGENET22K")


def test_a_name_that_is_mistyped() -> None:
    with pytest.raises(UserError, match="did you mean 'torchvision:mobilenet_v2'"):
        architecture("mobilenetv2")
