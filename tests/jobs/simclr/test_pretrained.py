"""SimCLR that goes on from a published network."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import handloom
from handloom.errors import UserError
from handloom.jobs.images.encoding import find_encoder
from handloom.runs.directory import RunDirectory

QUICK: dict[str, Any] = {"epochs": 1, "batch": 16, "quiet": True, "device": "cpu"}
QUICK["validation"] = 0.0


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of timm's test_resnet, at random."""
    import timm

    torch.manual_seed(0)
    network = timm.create_model("test_resnet", pretrained=False)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file({key: value.clone() for key, value in network.state_dict().items()}, path)
    return path


def test_published_weights_learn_on(shapes: Path, weights: Path, tmp_path: Path) -> None:
    given = QUICK | {"network": "timm:test_resnet", "weights": str(weights), "lr": 0.0}
    run = handloom.train("simclr", shapes, out=tmp_path / "run", weight_decay=0.0, **given)
    theirs = find_encoder("timm:test_resnet", weights, "cpu")
    saved = RunDirectory.open(run.path).networks()["network"]
    for name, parameter in theirs.network.named_parameters():
        torch.testing.assert_close(saved[f"backbone.{name}"], parameter.detach().cpu())
    assert run.config["options"]["size"] is None
    encoder = find_encoder(run.path, device="cpu")
    assert encoder.preprocessing["size"] == theirs.preprocessing["size"]
    assert encoder.width == theirs.width
    with pytest.raises(UserError, match="its network began as timm:test_resnet"):
        handloom.train("classifier", shapes, out=tmp_path / "c", from_run=run.path, **QUICK)
