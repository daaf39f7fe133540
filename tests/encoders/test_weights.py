"""Weights of an encoder: from files, and every way in which a file can be wrong."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from handloom import encoders
from handloom.errors import UserError
from tests.encoders.conftest import SMALL, Hub

SPEC = f"timm:{SMALL}"


def test_the_same_weights_in_every_form(
    tmp_path: Path, small_weights: dict[str, Tensor], small_file: Path
) -> None:
    known = encoders.find(SPEC, small_file)
    headless = {key: value for key, value in small_weights.items() if not key.startswith("fc")}
    counted = {key: value for key, value in headless.items() if "num_batches" not in key}
    forms = {
        "plain": small_weights,
        "nested": {"model": small_weights, "epoch": 3},
        "state": {"state_dict": {f"module.{key}": value for key, value in headless.items()}},
        "old": counted,
    }
    for name, content in forms.items():
        torch.save(content, tmp_path / f"{name}.pth")
        found = encoders.find(SPEC, tmp_path / f"{name}.pth")
        assert found.fingerprint == known.fingerprint, name
    (tmp_path / "no-suffix").write_bytes(small_file.read_bytes())
    assert encoders.find(SPEC, tmp_path / "no-suffix").fingerprint == known.fingerprint


def test_what_a_fingerprint_depends_on(
    tmp_path: Path, small_weights: dict[str, Tensor], small_file: Path
) -> None:
    known = encoders.find(SPEC, small_file)
    other = dict(small_weights)
    other["conv1.0.weight"] = other["conv1.0.weight"].clone()
    other["conv1.0.weight"][0, 0, 0, 0] += 1e-3
    save_file(other, tmp_path / "other.safetensors")
    assert encoders.find(SPEC, tmp_path / "other.safetensors").fingerprint != known.fingerprint
    head = small_weights | {"fc.bias": small_weights["fc.bias"] + 1}
    save_file(head, tmp_path / "head.safetensors")
    assert encoders.find(SPEC, tmp_path / "head.safetensors").fingerprint == known.fingerprint


def damaged(folder: Path, small_file: Path, how: str) -> Path:
    path = folder / f"{how}.pth"
    content = small_file.read_bytes()
    if how == "folder":
        return folder
    if how == "text":
        path.write_text("a page about weights")
    elif how == "empty":
        path.touch()
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "cut-zip":
        torch.save({"a": torch.zeros(1000)}, path)
        path.write_bytes(path.read_bytes()[:2000])
    elif how == "object":
        torch.save({"model": Hub()}, path)
    elif how == "numbers":
        torch.save({"epoch": 3}, path)
    return path


@pytest.mark.parametrize(
    ("how", "match"),
    [("absent", "do not exist: give the path"), ("folder", "are a folder: give the path"),
     ("text", "is not a file of weights"), ("empty", "it is empty"), ("cut", "is cut off"),
     ("cut-zip", "is cut off"), ("object", "objects of Python"), ("numbers", "holds no tensors")],
)  # fmt: skip
def test_what_is_no_file_of_weights(tmp_path: Path, small_file: Path, how: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        encoders.find(SPEC, damaged(tmp_path, small_file, how))


@pytest.mark.parametrize(
    ("change", "match"),
    [("missing", r"conv1.0.weight is missing"), ("shape", r"conv1.0.weight is 3, and"),
     ("more", "'?extra is not in the network"), ("nan", "conv1.0.weight is not finite"),
     ("other", r"conv1.0.weight and [\d,]+ more are missing")],
)  # fmt: skip
def test_weights_of_another_network(
    tmp_path: Path, small_weights: dict[str, Tensor], change: str, match: str
) -> None:
    state = dict(small_weights)
    if change == "missing":
        del state["conv1.0.weight"]
    elif change == "shape":
        state["conv1.0.weight"] = torch.zeros(3)
    elif change == "more":
        state["extra"] = torch.zeros(3)
    elif change == "nan":
        state["conv1.0.weight"] = state["conv1.0.weight"] * float("nan")
    else:
        state = {"features.0.weight": torch.zeros(3)}
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(UserError, match=match):
        encoders.find(SPEC, tmp_path / "other.safetensors")


def test_pixels_have_no_weights(small_file: Path) -> None:
    with pytest.raises(UserError, match="has no weights: leave --weights out"):
        encoders.find("pixels", small_file)


def test_a_file_in_the_folder_of_data(hub: Hub, tmp_path: Path, small_file: Path) -> None:
    place = tmp_path / "data" / "weights" / f"{SMALL}.safetensors"
    place.parent.mkdir(parents=True)
    place.write_bytes(small_file.read_bytes())
    found = encoders.find(SPEC)
    assert found.weights == str(place)
    assert hub.requests == []


def test_a_damaged_file_that_nobody_named(hub: Hub, tmp_path: Path, small_file: Path) -> None:
    place = tmp_path / "data" / "weights" / f"{SMALL}.safetensors"
    place.parent.mkdir(parents=True)
    place.write_bytes(small_file.read_bytes()[:1000])
    with pytest.raises(UserError, match="are damaged: remove that file and try again"):
        encoders.find(SPEC)
