"""simclr:NAME: the layout of lightning-bolts, and every way in which a file can be another's."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.models import resnet18

from handloom import encoders
from handloom.errors import UserError

CPU = torch.device("cpu")


class Left:
    """A class that weights_only refuses."""


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture(scope="module")
def known() -> dict[str, Tensor]:
    """Weights of the encoder alone, at random."""
    torch.manual_seed(0)
    return resnet18().state_dict()


@pytest.fixture(scope="module")
def bolts(known: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as lightning-bolts writes it: its encoder has a head that is not used."""
    path = tmp_path_factory.mktemp("bolts") / "simclr.ckpt"
    state = {f"encoder.{key}": value for key, value in known.items()}
    state["projection.model.0.weight"] = torch.zeros(512, 512)
    state["non_linear_evaluator.block_forward.2.weight"] = torch.zeros(10, 512)
    torch.save({"state_dict": state, "epoch": 99, "callbacks": {Left: 1}}, path)
    return path


def test_a_checkpoint_is_the_network_it_holds(bolts: Path, known: dict[str, Tensor]) -> None:
    assert encoders.preprocessing("simclr:resnet18")["size"] == [224, 224]
    encoder = encoders.find("simclr:resnet18.64", bolts, CPU, "float32")
    assert (encoder.width, encoder.preprocessing["size"]) == (512, [64, 64])
    assert encoder.weights is not None
    assert encoder.weights.startswith(f"{bolts}, without ")
    assert encoder.weights.endswith("test_simclr.Left, which were not loaded")
    theirs = resnet18().eval()
    theirs.load_state_dict(known)
    theirs.fc = torch.nn.Identity()  # type: ignore[assignment]
    pixels = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    mean, std = (
        torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    with torch.no_grad():
        wanted = theirs((pixels.permute(0, 3, 1, 2).float() / 255 - mean) / std)
    torch.testing.assert_close(encoder(pixels), wanted, rtol=1e-3, atol=1e-3)


def test_weights_of_the_encoder_alone_are_the_same(
    bolts: Path, known: dict[str, Tensor], tmp_path: Path
) -> None:
    torch.save({k: v for k, v in known.items() if not k.startswith("fc.")}, tmp_path / "plain.pth")
    paths = (bolts, tmp_path / "plain.pth")
    first, second = (encoders.find("simclr:resnet18.64", path, CPU) for path in paths)
    assert first.fingerprint == second.fingerprint


def test_another_network_is_refused(bolts: Path) -> None:
    with pytest.raises(UserError, match="does not hold the weights of simclr:resnet50"):
        encoders.find("simclr:resnet50", bolts, CPU)


def test_the_form_for_cifar_is_told_apart(known: dict[str, Tensor], tmp_path: Path) -> None:
    state = {f"encoder.{key}": value for key, value in known.items()}
    state["encoder.conv1.weight"] = torch.zeros(64, 3, 3, 3)
    torch.save({"state_dict": state}, tmp_path / "cifar.ckpt")
    with pytest.raises(UserError, match=r"conv1.weight is 64x3x3x3, and 64x3x7x7 in the network"):
        encoders.find("simclr:resnet18", tmp_path / "cifar.ckpt", CPU)


def test_a_file_that_is_cut_off_is_refused(bolts: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.ckpt").write_bytes(bolts.read_bytes()[:1_000_000])
    with pytest.raises(UserError, match="cut off"):
        encoders.find("simclr:resnet18", tmp_path / "cut.ckpt", CPU)


def test_a_file_that_would_run_a_program_does_not(known: dict[str, Tensor], tmp_path: Path) -> None:
    target = tmp_path / "was-run"
    state = {f"encoder.{key}": value for key, value in known.items()}
    torch.save({"state_dict": state, "callbacks": Evil(target)}, tmp_path / "evil.ckpt")
    encoder = encoders.find("simclr:resnet18", tmp_path / "evil.ckpt", CPU)
    assert not target.exists()
    assert "posix.system" in str(encoder.weights)


@pytest.mark.parametrize(
    ("spec", "match"),
    [("simclr:resnet5", "did you mean 'simclr:resnet50'"), ("simclr:", "write simclr:NAME"),
     ("simclr:resnet50.7", "a size of 32 to 512 pixels"), ("simclr:resnet50.a1", "a size of 32")],
)  # fmt: skip
def test_names_that_are_none(spec: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        encoders.find(spec, device=CPU)


def test_without_a_file_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    with pytest.raises(encoders.WeightsAbsent, match="give a checkpoint of lightning-bolts"):
        encoders.find("simclr:resnet50", device=CPU)
