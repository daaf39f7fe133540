"""`handloom embed`."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from handloom.cli.main import main
from tests.encoders.conftest import SMALL, Hub, hub, small_file, small_weights

__all__ = ["hub", "small_file", "small_weights"]  # fixtures
SPEC = f"timm:{SMALL}"


@pytest.fixture
def broken(tmp_path: Path, shapes: Path) -> Path:
    """The shapes with a broken image and a file of another kind among them."""
    folder = tmp_path / "shapes"
    for path in shapes.rglob("*.png"):
        target = folder / path.relative_to(shapes)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "red" / "3.png").write_text("no image")
    (folder / "red" / "notes.txt").write_text("of another kind")
    return folder


def test_npy_and_names(
    broken: Path, tmp_path: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "v.npy"
    words = ["embed", str(broken), "--encoder", SPEC, "--weights", str(small_file)]
    assert main([*words, "--out", str(out)]) == 0
    captured = capsys.readouterr()
    vectors = np.load(out)
    assert vectors.shape == (35, 96)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    with (tmp_path / "v.names.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 35
    assert rows[0]["label"] == "blue"
    assert "35 vectors of 96 numbers" in captured.out
    assert "3.png (" in captured.err
    assert "1 broken image left out" in captured.err
    assert f"weights: {small_file}" in captured.err


def test_parquet_and_csv_hold_the_same(broken: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    for suffix in ("parquet", "csv"):
        assert main(["embed", str(broken), "--encoder", "pixels", "--out",
                     str(tmp_path / f"v.{suffix}")]) == 0  # fmt: skip
    table = pq.read_table(tmp_path / "v.parquet")
    assert table.column_names == ["input", "label", "vector"]
    with (tmp_path / "v.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["input"] for row in rows] == table["input"].to_pylist()
    written = np.array([[float(row[f"v{i}"]) for i in range(1, 3073)] for row in rows])
    assert np.allclose(written, np.array(table["vector"].to_pylist()), atol=1e-6)


def test_json(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", str(broken), "--encoder", "pixels", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == 36
    assert len(records[0]["vector"]) == 3072
    assert list(records[-1]) == ["input", "error"]
    assert records[-1]["input"].endswith("red/3.png")


def test_on_the_screen(digit_files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", *digit_files, "--encoder", "pixels"]) == 0
    assert "and 3,066 more" in capsys.readouterr().out


def test_a_run(
    digits_run: Path, digit_files: list[str], untrained: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for run in (digits_run, untrained("vae"), untrained("autoencoder")):
        assert main(["embed", *digit_files, "--encoder", str(run), "--json"]) == 0
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        vectors = torch.tensor([record["vector"] for record in records])
        assert torch.allclose(vectors.norm(dim=1), torch.ones(4), atol=1e-4)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--encoder is missing"),
        (["--encoder", "timm:test_resnt"], "did you mean 'timm:test_resnet"),
        (["--encoder", "pixel"], "did you mean 'pixels'?"),
        (["--encoder", "runs/nowhere"], "config.json"),
        (["--encoder", "pixels", "--weights", "w.pth"], "leave --weights out"),
        (["--encoder", SPEC, "--weights", "none.pth"], "none.pth do not exist"),
        (["--encoder", "pixels", "--out", "v.txt"], "ends in .npy, .parquet or .csv"),
        (["--encoder", "pixels", "--out", "none/v.npy"], "the folder none does not exist"),
        (["--encoder", "pixels", "--device", "abacus"], "this machine has cpu"),
        (["--encoder", "pixels", "--strict"], "3.png' cannot be read"),
    ],
)
def test_bad_words(
    words: list[str], says: str, broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", str(broken), *words]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("handloom")]
    assert len(lines) == 1
    assert says in lines[0]


def test_a_run_without_vectors(
    untrained: Callable[..., Path], digit_files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", *digit_files, "--encoder", str(untrained("gan"))]) == 2
    assert "which has no vectors of images: give a run of classifier" in capsys.readouterr().err
    conditional = untrained("vae", conditional=True)
    assert main(["embed", *digit_files, "--encoder", str(conditional)]) == 2
    assert "whose latents depend on the class" in capsys.readouterr().err
    assert main(["embed", *digit_files, "--encoder", str(conditional), "--weights", "w"]) == 2
    assert "has weights of its own" in capsys.readouterr().err


def test_no_connection(
    hub: Hub, digit_files: list[str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert main(["embed", *digit_files, "--encoder", SPEC]) == 2
    assert "connect once, or give a file with --weights" in capsys.readouterr().err


def test_nothing_that_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.png").write_text("no image")
    assert main(["embed", str(tmp_path / "a.png"), "--encoder", "pixels"]) == 2
    assert "cannot be read as an image" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["embed", str(tmp_path / "empty"), "--encoder", "pixels"]) == 2
    assert "image" in capsys.readouterr().err


def test_in_python(tmp_path: Path, digit_files: list[str], digits_run: Path) -> None:
    import handloom

    encoder = handloom.encoder("pixels")
    first: Tensor = encoder(digit_files[0])
    assert first.shape == (encoder.width,) == (3072,)
    image = Image.open(digit_files[0])
    many = encoder([digit_files[0], image, np.array(image)])
    assert many.shape == (3, 3072)
    assert torch.equal(many[0], first)
    assert torch.equal(many[1], first)
    assert encoder([]).shape == (0, 3072)
    assert encoder(digit_files[:1]).shape == (1, 3072), "a list of one is a list"
    whole = handloom.embed(digit_files, encoder)
    assert torch.equal(whole.vector[0], first)
    by_run = handloom.embed(digit_files[0], digits_run)
    assert by_run.vector.shape[0] == 1
    with pytest.raises(handloom.UserError, match="is a folder"):
        encoder(tmp_path)
    (tmp_path / "x.png").write_text("no image")
    with pytest.raises(handloom.UserError, match=r"x.png"):
        encoder([digit_files[0], tmp_path / "x.png"])


def test_pixels_as_the_tutorial_has_them(shapes: Path, tmp_path: Path) -> None:
    out = tmp_path / "v.npy"
    image = str(shapes / "red" / "0.png")
    assert main(["embed", image, "--encoder", "pixels", "--preset", "tutorial",
                 "--out", str(out)]) == 0  # fmt: skip
    (vector,) = np.load(out)
    assert vector.shape == (224 * 224 * 3,)
    assert vector.min() >= 0
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
