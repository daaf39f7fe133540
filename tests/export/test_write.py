"""Runs become files that say what the runs say; what cannot be exported is a sentence."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

import handloom
from handloom.errors import UserError
from handloom.export import check
from handloom.export.onnx_file import onnx_file
from handloom.export.results import Exported
from handloom.export.runtime import open_model
from handloom.export.tracing import traced
from handloom.export.write import export
from handloom.jobs.loading import load
from handloom.jobs.program import BATCH, Port, Program

PACKAGE = Path(handloom.__file__).parent
Golden = Callable[[str], Path]
Made = Callable[[str], list[Exported]]


def opened(path: Path) -> tuple[Any, dict[str, Any]]:
    """ONNX Runtime's session and our metadata, as a stranger opens them."""
    session = onnxruntime.InferenceSession(str(path))
    return session, json.loads(session.get_modelmeta().custom_metadata_map["handloom"])


def test_a_classifier_gives_the_run_s_own_probabilities(golden: Golden, exported: Made) -> None:
    (made,) = exported("classifier")
    assert made.path == golden("classifier") / "export" / "classifier.onnx"
    session, known = opened(made.path)
    run = load(golden("classifier"), "cpu")
    assert known["classes"] == run.config["classes"]
    usual = {"crop": 1.0, "interpolation": "bilinear"}  # which config.json leaves out
    assert known["preprocessing"] == usual | dict(run.config["preprocessing"])
    pixels = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype=np.uint8)
    (probabilities,) = session.run(None, {"pixels": pixels})
    image = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        expected = (run.networks["network"](image) / run.config["temperature"]).softmax(1)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_the_check_is_over_images_of_the_data(exported: Made) -> None:
    (made,) = exported("classifier")
    agreed = made.agreement
    assert (agreed.inputs, agreed.same) == (30, 30)
    assert agreed.checked_on == "images of its test split"
    assert agreed.difference <= agreed.allowed == check.TOLERANCE
    assert "the same class for 30 of 30" in agreed.sentence()


@pytest.mark.parametrize("format", ["onnx", "pt2"])
def test_a_file_that_differs_is_not_written(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """The network answers otherwise when it is asked for what the file should say."""
    from handloom.jobs.images.program import ProbabilitiesOfPixels

    forward = ProbabilitiesOfPixels.forward

    def warmer(self: ProbabilitiesOfPixels, pixels: torch.Tensor) -> torch.Tensor:
        is_traced = torch.compiler.is_exporting()
        return forward(self, pixels) if is_traced else forward(self, pixels).sqrt()

    monkeypatch.setattr(ProbabilitiesOfPixels, "forward", warmer)
    out = tmp_path / f"model.{format}"
    with pytest.raises(UserError, match=r"not written: its outputs differ .* 0.0001 is allowed"):
        export(golden("classifier"), out=out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:The given buffer is not writable")  # torch 2.10, of itself
def test_pt2_opens_with_torch_alone(golden: Golden, tmp_path: Path) -> None:
    out = tmp_path / "model.pt2"
    (made,) = export(golden("classifier"), out=out)
    assert made.format == "pt2"
    extra = {"handloom.json": ""}
    module = torch.export.load(out, extra_files=extra).module()
    assert json.loads(extra["handloom.json"])["part"] == "classifier"
    with zipfile.ZipFile(out) as archive:  # neither folders of this machine nor a user's images
        names = archive.namelist()
        assert {name.partition("/")[0] for name in names} == {"model"}
        assert not any(archive.read(name) for name in names if "sample_inputs" in name)
        assert not any(str(PACKAGE).encode() in archive.read(name) for name in names)
    for count in (1, 2, 7):
        probabilities = module(torch.zeros(count, 8, 8, 1, dtype=torch.uint8))
        assert probabilities.shape == (count, 10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "tflite"}, "--format tflite: must be onnx or pt2"),
        ({"format": "pt2", "out": "model.onnx"}, "a file of --format pt2 ends in .pt2"),
        ({"out": "model.bin"}, "give a name that ends in .onnx or .pt2"),
        ({"out": "nowhere/model.onnx"}, "the folder .*nowhere does not exist; make it first"),
        ({"part": "decoder"}, "--part decoder: .* has classifier and encoder"),
        ({"out": "taken.onnx"}, "taken.onnx exists already: remove it, or give another --out"),
        ({"weights": "w.safetensors"}, "has weights of its own: leave --weights out"),
    ],
)
def test_refusals(golden: Golden, tmp_path: Path, change: dict[str, Any], message: str) -> None:
    (tmp_path / "taken.onnx").write_text("mine")
    paths = {name: tmp_path / change[name] for name in ("out", "weights") if name in change}
    with pytest.raises(UserError, match=message):
        export(golden("classifier"), **change | paths)


class Inverse(torch.nn.Module):
    """An operator that ONNX has not."""

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        return torch.linalg.eigvalsh(latent)


def test_an_operator_that_onnx_has_not_is_named(tmp_path: Path) -> None:
    port = Port("latent", "float32", (BATCH, 3, 3), "")
    checks = ((torch.rand(7, 3, 3),),)
    program = Program("decoder", "", Inverse(), (port,), (port,), checks, "", "")
    with pytest.raises(UserError, match=r"operators of set 18 \(.*eigh.*\): give --format pt2"):
        onnx_file(program, traced(program, "onnx"), {})


def test_a_missing_library_is_one_sentence(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pt2 needs none."""
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    monkeypatch.setattr("handloom.export.runtime.find_spec", lambda module: None)
    with pytest.raises(UserError, match="an ONNX file needs onnx and onnxscript and onnxruntime"):
        export(golden("classifier"), out=tmp_path / "model.onnx")
    assert export(golden("classifier"), out=tmp_path / "model.pt2")
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(UserError, match="needs onnxruntime, which is missing: pip install onnxrun"):
        open_model(tmp_path / "model.onnx")


def test_an_unfinished_run_is_refused(golden: Golden, tmp_path: Path) -> None:
    import shutil

    run = shutil.copytree(golden("classifier"), tmp_path / "run")
    (run / "status.json").write_text('{"status": "stopped"}')
    with pytest.raises(UserError, match=r"is not finished \(stopped\).*handloom resume"):
        export(run)


def test_a_painting_has_no_network(golden: Golden, tmp_path: Path) -> None:
    import shutil

    run = shutil.copytree(golden("stylize"), tmp_path / "run")
    (run / "status.json").write_text('{"status": "finished"}')
    with pytest.raises(UserError, match=r"which has no network to export: no network is trained"):
        export(run)
