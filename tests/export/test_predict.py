"""Predict with a file is predict with its run, in a process that never imports torch."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.export.results import Exported

Golden = Callable[[str], Path]
Made = Callable[[str], list[Exported]]
# What the package requires and docs/export.md does not install.
WITHOUT_TORCH = """
import sys
ABSENT = {"torch", "torchvision", "timm", "safetensors", "tensorboard", "torchmetrics", "sklearn",
          "pyarrow", "jinja2", "pyparsing"}
class NoTorch:
    def find_spec(self, name, *more):
        if name.partition(".")[0] in ABSENT:
            raise ImportError(name)
sys.meta_path.insert(0, NoTorch())
from handloom.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def records(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[list[object], str]:
    capsys.readouterr()
    assert main(["predict", *map(str, words), "--json"]) == 0
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


@pytest.fixture(scope="module")
def odd_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of every kind that decoding treats: grey, colour, transparent, deep, JPEG, broken."""
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(0)
    shape = (37, 50)
    Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / "grey.png")
    colour = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(colour).save(folder / "colour.jpg", exif=turned)
    alpha = rng.integers(0, 256, (*shape, 4), dtype=np.uint8)
    Image.fromarray(alpha).save(folder / "clear.png")
    Image.fromarray(rng.integers(0, 65536, shape, dtype=np.uint16)).save(folder / "deep.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def same(mine: object, run: object) -> None:
    """The same records, but for the rounding of probabilities."""
    if isinstance(run, list):
        assert isinstance(mine, list)
        assert len(mine) == len(run)
        for one, other in zip(mine, run, strict=True):
            same(one, other)
    elif isinstance(run, dict):
        assert isinstance(mine, dict)
        assert mine.keys() == run.keys()
        for name, value in run.items():
            same(mine[name], value)
    else:
        assert mine == (pytest.approx(run, abs=1e-4) if isinstance(run, float) else run)


def test_images_folders_and_broken_files(
    golden: Golden, exported: Made, odd_images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, (model,) = golden("classifier"), exported("classifier")
    for given in ([odd_images], sorted(odd_images.iterdir()), [run / "digit.png", odd_images]):
        mine, said = records(capsys, model.path, *given)
        expected, also = records(capsys, run, *given)
        same(mine, expected)
        assert said == also


def test_labels_splits_and_a_built_in_set(
    golden: Golden, exported: Made, tmp_path: Path, odd_images: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    table = tmp_path / "images.csv"
    table.write_text(
        f"shelf,image,label,probability\nA-1,{odd_images}/grey.png,3,7\n,{odd_images}/clear.png,4,8"
    )
    first, second = records(capsys, exported("classifier")[0].path, table)[0]
    assert (first["shelf"], first["probability (given)"], second["shelf"]) == ("A-1", "7", "")
    assert 0 <= first["probability"] <= 1
    for given in (table, "digits"):
        mine, _ = records(capsys, exported("classifier")[0].path, given)
        same(mine, records(capsys, golden("classifier"), given)[0])


def test_options_and_tables(
    golden: Golden,
    exported: Made,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")  # paths of temporary folders are long
    image, model = golden("classifier") / "digit.png", exported("classifier")[0].path
    options = ["--top", "3", "--abstain-below", "0.999999"]
    mine, said = records(capsys, model, image, *options)
    expected, also = records(capsys, golden("classifier"), image, *options)
    same(mine, expected)
    assert said == also
    out = tmp_path / "p.csv"
    assert main(["predict", str(model), str(image), "--out", str(out)]) == 0
    assert out.read_text("utf-8").splitlines()[0].startswith("input,label,probability,0,1,2")
    assert "digit.png" in capsys.readouterr().out


def test_a_fresh_process_imports_no_torch(golden: Golden, exported: Made, odd_images: Path) -> None:
    """Every import of torch is an error there, as where it is not installed."""
    words = [exported("classifier")[0].path, golden("classifier") / "digit.png", odd_images]
    command = [sys.executable, "-c", WITHOUT_TORCH, "predict", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "digit.png" in done.stdout
    assert "1 input cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.onnx", None, "does not exist: 'handloom export RUN' makes one"),
        ("text.onnx", b"not a model", "cannot be opened as ONNX"),
        ("model.pt2", b"", "model.pt2 is for torch.export.load: predict takes a run, or an ONNX"),
    ],
)
def test_files_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None,
    message: str,
) -> None:  # fmt: skip
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["predict", str(tmp_path / name), "x.png"]) == 2
    assert message in capsys.readouterr().err
