"""An encoder by its name, and its network again from what a run records of it."""

import json
import os
from pathlib import Path

import pytest
import torch

from handloom import encoders
from handloom.errors import UserError
from tests.encoders.conftest import SMALL

WEIGHTS = Path(os.environ.get("HANDLOOM_DATA", "/none")) / "weights"
REAL = {
    "timm:tf_efficientnet_lite0": "tf_efficientnet_lite0.safetensors",
    "torchvision:mobilenet_v2": "mobilenet_v2_from_tflite.pth",
    "torchvision:squeezenet1_0": "squeezenet1_0_from_deepcompression.pth",
}


@pytest.mark.parametrize("spec", ["pixels", f"timm:{SMALL}"])
def test_a_run_s_record_makes_the_same_network(spec: str, small_file: Path) -> None:
    found = encoders.find(spec, small_file if spec != "pixels" else None)
    image = torch.randint(0, 256, (3, *found.preprocessing["size"], 3), dtype=torch.uint8)
    features = found(image)
    assert features.shape == (3, found.width)
    assert features.dtype == torch.float32
    assert not features.requires_grad
    recorded = json.loads(json.dumps(encoders.sizes(found)))
    again = encoders.backbone(recorded)
    again.load_state_dict(found.network.state_dict())
    with torch.no_grad():
        other = again(image.permute(0, 3, 1, 2).float() / 255)
    assert torch.allclose(features, other, rtol=0.05, atol=0.05 * float(features.abs().max()))


def test_pixels() -> None:
    found = encoders.find("pixels")
    image = torch.full((1, 32, 32, 3), 255, dtype=torch.uint8)
    assert found.width == 3072
    assert torch.allclose(found(image), torch.ones(1, 3072), atol=0.01)


@pytest.mark.parametrize("spec", REAL)
def test_real_weights(spec: str) -> None:
    path = WEIGHTS / REAL[spec]
    if not path.exists():
        pytest.skip("the shared weights are not here")
    found = encoders.find(spec, path, precision="float32")
    assert found.width == (512 if "squeeze" in spec else 1280)
    image = torch.randint(0, 256, (2, 224, 224, 3), dtype=torch.uint8)
    assert float(found(image).std()) > 0.01


def test_the_whole_network_of_timm_sees_the_same_features() -> None:
    """Logits by timm's own network and preprocessing are our features under its head."""
    path = WEIGHTS / REAL["timm:tf_efficientnet_lite0"]
    if not path.exists():
        pytest.skip("the shared weights are not here")
    import timm
    from safetensors.torch import load_file

    whole = timm.create_model("tf_efficientnet_lite0").eval()
    whole.load_state_dict(load_file(path))
    image = torch.randint(0, 256, (2, 224, 224, 3), dtype=torch.uint8)
    with torch.no_grad():
        logits = whole((image.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5)
        found = encoders.find("timm:tf_efficientnet_lite0", path, precision="float32")
        ours = whole.classifier(found(image))
    assert torch.allclose(logits, ours, atol=1e-3)


def test_an_encoder_that_is_not_known() -> None:
    with pytest.raises(UserError, match="no encoder 'resnet18'"):
        encoders.find("resnet18")
