"""Pretrained encoders, alone and under a head, with weights at random."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from handloom.cli.main import main
from handloom.errors import UserError
from handloom.export.check import agreement
from handloom.export.encoder import encoder_program
from handloom.export.tracing import traced
from handloom.export.write import export
from handloom.jobs.images.program import ProbabilitiesOfPixels
from handloom.jobs.program import BATCH, Port, Program
from handloom.models.image.transferred import Transferred

SPEC = "timm:test_resnet"  # 160 pixels, 0.5 million parameters


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import timm

    torch.manual_seed(0)
    network = timm.create_model("test_resnet", pretrained=False)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file({key: value.clone() for key, value in network.state_dict().items()}, path)
    return path


def test_vectors_are_those_of_search(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "encoder.onnx"
    assert main(["export", SPEC, "--weights", str(weights), "--out", str(out)]) == 0
    assert "matches the network on 30 inputs" in capsys.readouterr().out
    pixels = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    (vector,) = onnxruntime.InferenceSession(str(out)).run(None, {"pixels": pixels[None]})
    # timm's crop of 0.95 takes the middle, so the same pixels go through the network itself
    encoder, _ = encoder_program(SPEC, weights)
    expected = torch.nn.functional.normalize(encoder(torch.from_numpy(pixels)[None]), dim=1)
    np.testing.assert_allclose(vector, expected, atol=1e-4)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "license: apache-2.0" in card
    assert 'base_model: "timm/test_resnet.r160_in1k"' in card
    assert main(["predict", str(out), str(tmp_path / "image.png")]) == 2
    assert "is the encoder of a run and gives vector" in capsys.readouterr().err


def test_a_head_that_answers_for_the_mirror_image_too(weights: Path) -> None:
    encoder, program = encoder_program(SPEC, weights)
    network = Transferred(encoder.network, encoder.width, 3, hflip_tta=True).eval()
    outputs = (Port("probabilities", "float32", (BATCH, 3), ""),)
    classifier = Program(
        "classifier", "", ProbabilitiesOfPixels(network, 2.0), program.inputs, outputs,
        program.checks, "", "",
    )  # fmt: skip
    graph = traced(classifier, "pt2").module()
    agreed = agreement(classifier, lambda pixels: [graph(pixels).detach().numpy()], "model.pt2")
    assert agreed.same == agreed.inputs == 30


def test_refusals(weights: Path) -> None:
    with pytest.raises(UserError, match="--out is missing: name the file of timm:test_resnet"):
        export(SPEC, weights=weights)
    with pytest.raises(UserError, match="nothing is neither a run directory nor an encoder"):
        export("nothing", out=Path("x.onnx"))
