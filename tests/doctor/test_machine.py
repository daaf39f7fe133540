"""What is seen of a machine, and that wrong numbers are noticed."""

from pathlib import Path

import pytest
import torch

from handloom.doctor import machine
from handloom.engine.precision import Precision


@pytest.mark.parametrize("name", machine.CHECKS)
def test_this_machine_works(name: str, tmp_path: Path) -> None:
    check = machine.CHECKS[name](tmp_path)
    assert check.status == "works", check
    assert (check.group, check.name) == ("machine", name)


def test_wrong_numbers_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = torch.nn.functional.conv2d

    def wrong(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return right(image, kernel) * (1.0 if image.dtype == torch.float64 else 1.01)

    monkeypatch.setattr(torch.nn.functional, "conv2d", wrong)
    check = machine.device(tmp_path)
    assert check.status == "failed"
    assert "computes wrong numbers in float32" in check.detail


def test_bfloat16_is_within_its_rounding() -> None:
    assert machine._difference(Precision(torch.device("cpu"), torch.bfloat16)) == ""


def test_an_old_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["numpy>=99", "no-such-library>=2", "rich>=13", "pytest>=99; extra == 'dev'"]
    monkeypatch.setattr(machine.metadata, "requires", lambda name: needed)
    check = machine.libraries(tmp_path)
    assert check.status == "failed"
    assert "numpy>=99 is needed, and it is" in check.detail
    assert "no-such-library>=2 is needed, and it is not installed" in check.detail
    assert check.remedy == "pip install 'numpy>=99' 'no-such-library>=2'"
