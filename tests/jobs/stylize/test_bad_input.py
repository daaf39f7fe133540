"""What style transfer refuses, and what it says when a run is lost."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from handloom.errors import UserError
from handloom.objectives.style_transfer import StyleTransfer
from handloom.runs.directory import RunDirectory
from tests.jobs.stylize.small import paint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory": "100M"}, "--memory is too small for even one tile"),
        ({"memory": "lots"}, "--memory lots: write a number and its unit"),
        ({"style_weights": "1,2"}, "1 paintings need 1 numbers"),
        ({"masks": "a.png,b.png"}, "2 masks were given for 1 paintings"),
        ({"start": "nowhere.png"}, "'nowhere.png' does not exist: give an image file"),
        ({"network": "vgg19", "weights": "missing.pth"}, "missing.pth do not exist"),
        ({"size": 12, "scales": 1}, "--size 12 makes 12x16 pixels the first size"),
        ({"size": 0}, "--size 0"),
        ({"strength": 1.5}, "--strength 1.5"),
        ({"preset": "tutorial", "network": "auto", "strength": 1.0}, "has its own weights"),
    ],
)
def test_bad_options_are_one_sentence(
    photo: Path, painting: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        paint(photo, [painting], photo.parent / "out.png", **options)


def test_bad_images_are_one_sentence(photo: Path, painting: Path) -> None:
    folder = photo.parent
    Image.new("RGB", (1, 1)).save(folder / "one.png")
    out = folder / "out.png"
    with pytest.raises(UserError, match=r"one.png is 1x1 pixels, and .* needs 16 at the short"):
        paint(folder / "one.png", [painting], out)
    with pytest.raises(UserError, match=r"one.png is 1x1 pixels"):
        paint(photo, [folder / "one.png"], out)
    with pytest.raises(UserError, match=r"the folder of .* does not exist"):
        paint(photo, [painting], folder / "nowhere" / "out.png")
    with pytest.raises(UserError, match="is not the name of an image"):
        paint(photo, [painting], folder / "out.xyz")


def test_a_lost_run_has_failed_and_names_what_to_try(
    photo: Path, painting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(job: StyleTransfer, pixels: torch.Tensor) -> Any:
        return pixels.sum() * float("nan"), {}

    monkeypatch.setattr(StyleTransfer, "loss_of", lost)
    with pytest.raises(UserError, match="train again with --precision float32 or a smaller"):
        paint(photo, [painting], photo.parent / "out.png")
    run = RunDirectory.open(photo.parent / "run-out")
    assert run.status()["status"] == "failed"
    assert not (photo.parent / "out.png").exists()
