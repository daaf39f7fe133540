"""Published weights: downloaded once, checked, and one sentence for every way it can fail."""

import time
from pathlib import Path

import pytest
import torch
from torch import Tensor

from handloom import encoders
from handloom.encoders import WeightsAbsent, torchvision
from handloom.errors import UserError
from tests.encoders.conftest import SMALL, Hub

SPEC = f"timm:{SMALL}"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub waits between its tries."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.1)))


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_downloaded_once(hub: Hub, small_file: Path, seconds: float) -> None:
    hub.files["model.safetensors"], hub.seconds = small_file.read_bytes(), seconds
    first = encoders.find(SPEC)
    asked = len(hub.requests)
    second = encoders.find(SPEC)
    assert len(hub.requests) == asked, "what is in the cache needs no connection"
    known = encoders.find(SPEC, small_file)
    assert first.fingerprint == second.fingerprint == known.fingerprint
    assert "hub" in str(first.weights)


def test_the_second_name_of_a_file(
    hub: Hub, tmp_path: Path, small_file: Path, small_weights: dict[str, Tensor]
) -> None:
    torch.save(small_weights, tmp_path / "model.pth")
    hub.files["pytorch_model.bin"] = (tmp_path / "model.pth").read_bytes()
    assert encoders.find(SPEC).fingerprint == encoders.find(SPEC, small_file).fingerprint


@pytest.mark.parametrize(
    ("answer", "match"),
    [({"status": 500}, "answer 500"), ({"status": 403}, "answer 403"), ({"cut": 1000}, "received"),
     ({"status": 200}, "has no model.safetensors or pytorch_model.bin")],
)  # fmt: skip
def test_a_server_that_fails(
    hub: Hub, small_file: Path, answer: dict[str, int], match: str
) -> None:
    if answer != {"status": 200}:
        hub.files["model.safetensors"] = small_file.read_bytes()
    for name, value in answer.items():
        setattr(hub, name, value)
    with pytest.raises(WeightsAbsent, match=match) as raised:
        encoders.find(SPEC)
    assert "--weights" in str(raised.value)
    hub.status, hub.cut = 200, None
    hub.files["model.safetensors"] = small_file.read_bytes()
    assert encoders.find(SPEC).width > 0, "nothing half-loaded stays behind"


def test_content_that_is_not_what_its_digest_says(hub: Hub, small_file: Path) -> None:
    hub.files["model.safetensors"], hub.etag = small_file.read_bytes(), "1" * 64
    with pytest.raises(UserError, match=r"sha256 [0-9a-f]{16}\.\.\. in place of 1{16}"):
        encoders.find(SPEC)
    hub.etag = None
    assert encoders.find(SPEC).width > 0


def test_no_connection(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(WeightsAbsent, match=r"no connection.*connect once, or give a file"):
        encoders.find(SPEC)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsAbsent, match="connect once"):
        encoders.find(SPEC)
    assert time.monotonic() - began < 10


def torchvision_url(hub: Hub, monkeypatch: pytest.MonkeyPatch, digest: str) -> None:
    url = f"{hub.url}/mobilenet_v3_small-{digest}.pth"
    real = torchvision._weights

    class Weights:
        def __init__(self, known: object, name: str, tag: str) -> None:
            self.url, self.transforms = url, real(known, name, tag).transforms

    monkeypatch.setattr(torchvision, "_weights", Weights)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from torchvision import models

    path = tmp_path_factory.mktemp("published") / "weights.pth"
    torch.save(models.mobilenet_v3_small().state_dict(), path)
    return path.read_bytes()


def test_torchvision_s_weights(hub: Hub, published: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    digest = hashlib.sha256(published).hexdigest()[:8]
    torchvision_url(hub, monkeypatch, digest)
    hub.files[f"mobilenet_v3_small-{digest}.pth"] = published
    steps: list[str] = []
    found = encoders.find(
        "torchvision:mobilenet_v3_small", report=lambda what, done, total: steps.append(what)
    )
    assert found.width == 576
    assert f"downloading mobilenet_v3_small-{digest}.pth" in steps
    asked = len(hub.requests)
    encoders.find("torchvision:mobilenet_v3_small")
    assert len(hub.requests) == asked


@pytest.mark.parametrize(
    ("answer", "match"),
    [({"status": 500}, "answer 500"), ({"cut": 1000}, "the connection broke after 1,000"),
     ({}, "its sha256 is")],
)  # fmt: skip
def test_torchvision_s_server_fails(
    hub: Hub, published: bytes, monkeypatch: pytest.MonkeyPatch, answer: dict[str, int], match: str
) -> None:
    torchvision_url(hub, monkeypatch, "00000000")
    hub.files["mobilenet_v3_small-00000000.pth"] = published
    for name, value in answer.items():
        setattr(hub, name, value)
    with pytest.raises(WeightsAbsent, match=match):
        encoders.find("torchvision:mobilenet_v3_small")
