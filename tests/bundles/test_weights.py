"""Weights of encoders: taken from where they are, put where the other machine looks for them."""

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import handloom
from handloom.bundles.item import copy
from handloom.bundles.known import find_item
from handloom.data.io.fetch import Remote
from handloom.encoders.opening import architecture_of
from handloom.errors import UserError
from handloom.jobs.stylize import network
from tests.data.conftest import Silent, running

NAME = "timm:test_resnet"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights of the smallest network of timm."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "test_resnet.safetensors"
    save_file(dict(architecture_of(NAME).body.state_dict()), path)
    return path


def test_weights_are_used_on_the_other_machine(
    weights: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = find_item(NAME)
    assert item.here() is None
    (own / "weights").mkdir(parents=True)
    copy(weights, own / "weights" / weights.name)
    assert item.here() == own / "weights" / weights.name
    bundle = tmp_path / "stick"
    assert item.bring(bundle, None) == bundle / "weights" / "test_resnet.safetensors"
    monkeypatch.setenv("HANDLOOM_DATA", str(bundle))
    encoder = handloom.encoder(NAME)
    assert str(encoder.encoder.weights) == str(bundle / "weights" / "test_resnet.safetensors")


def test_what_the_hub_names_otherwise_is_found(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytorch_model.bin, as older repositories have it."""
    torch.manual_seed(0)
    published = tmp_path / "hub" / "pytorch_model.bin"
    published.parent.mkdir()
    torch.save(architecture_of(NAME).body.state_dict(), published)
    monkeypatch.setattr("handloom.encoders.timm.hub_file", lambda *_: published)
    place = find_item(NAME).bring(tmp_path / "stick", None)
    assert place == tmp_path / "stick" / "weights" / "test_resnet.pth"
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "stick"))
    assert find_item(NAME).here() == place
    assert handloom.encoder(NAME).encoder.weights == str(place)


def test_weights_that_are_nowhere(own: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not in the hub's cache"):
        find_item(NAME).bring(tmp_path, None)


def test_a_sentence_encoder_is_a_folder(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = find_item("sentence:tiny")
    assert item.here() is None
    for name in ("config.json", "modules.json", "1_Pooling/config.json", "model.safetensors"):
        path = own / "weights" / "tiny" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    place = item.bring(tmp_path / "stick", None)
    assert place == tmp_path / "stick" / "weights" / "tiny"
    assert (place / "1_Pooling" / "config.json").read_text("utf-8") == "{}"
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "stick"))
    assert item.here() == place


def test_a_network_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="timm has no network 'resnet_18': did you mean"):
        find_item("timm:resnet_18").bring(tmp_path, None)


def test_the_network_of_style_transfer(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "vgg19-dcbb9e9d.pth").write_bytes(b"weights")
    with running(partial(Silent, directory=str(served))) as url:
        remote = Remote((f"{url}/vgg19-dcbb9e9d.pth",), "", 99, "vgg19-dcbb9e9d.pth", "9fce40cf")
        monkeypatch.setattr(network, "PUBLISHED", remote)
        with pytest.raises(UserError, match="its sha256 is"):
            find_item("vgg19").bring(tmp_path / "stick", None)
        digest = hashlib.sha256(b"weights").hexdigest()
        monkeypatch.setattr(network, "PUBLISHED", replace(remote, sha256=digest))
        place = find_item("vgg19").bring(tmp_path / "stick", None)
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "stick"))
    assert network.find("vgg19") == place
