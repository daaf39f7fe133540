"""An evaluator with the weights of a pretrained network."""

import os
from pathlib import Path

import pytest
import torch

from handloom.data.images.dataset import DataSet
from handloom.data.images.load import load
from handloom.errors import UserError
from handloom.jobs.gan.evaluator import evaluator_for, restored

CPU = torch.device("cpu")
REAL = Path(os.environ.get("HANDLOOM_DATA", "/nowhere")) / "weights/mobilenet_v2_from_tflite.pth"


@pytest.fixture(scope="module")
def few() -> DataSet:
    digits = load("digits")
    assert digits.test is not None
    rows = torch.arange(70)
    return DataSet(
        "few", digits.train.subset(rows), None, digits.test.subset(rows), (), (), "0" * 32, {}
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from torchvision.models import mobilenet_v2

    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.pth"
    torch.save(mobilenet_v2(num_classes=7).state_dict(), path)
    return path


def test_sees_with_the_weights_and_comes_back_without_their_file(
    few: DataSet, weights: Path
) -> None:
    made = evaluator_for(str(weights), few, CPU)
    tensors = made.fit()
    assert made.record["features"] == 1280
    weights.unlink()
    again = restored(made.record, tensors, CPU)
    image = few.train.image[:20].permute(0, 3, 1, 2).float() / 255
    assert torch.equal(again.features(image), made.features(image))
    assert made.classify(made.features(image)) is None
    assert "a pretrained mobilenet_v2" in made.protocol(20)
    assert all(torch.isfinite(v) for v in again.metrics(again.features(image)).values())


def test_other_files_are_refused(few: DataSet, tmp_path: Path) -> None:
    other, torn = tmp_path / "other.pth", tmp_path / "torn.pth"
    torch.save({"head.weight": torch.zeros(3, 3)}, other)
    torn.write_bytes(b"PK nothing")
    not_it = "not the weights of torchvision's mobilenet_v2"
    for path, rule in ((other, not_it), (torn, "not a file of")):
        with pytest.raises(UserError, match=rule):
            evaluator_for(str(path), few, CPU)
    with pytest.raises(UserError, match="do not exist: give the path of a file to --evaluator"):
        evaluator_for(str(tmp_path / "none.pth"), few, CPU)
    bare = {"classifier.1.weight": torch.zeros(7, 1280)}
    torch.save(bare, other)
    with pytest.raises(UserError, match="not the weights of torchvision's mobilenet_v2"):
        evaluator_for(str(other), few, CPU).fit()


@pytest.mark.skipif(not REAL.is_file(), reason=f"needs {REAL}")
def test_published_weights_tell_real_images_from_noise(few: DataSet) -> None:
    made = evaluator_for(str(REAL), few, CPU)
    made.fit()
    assert few.test is not None
    real = few.train.image.permute(0, 3, 1, 2).float() / 255
    noise = torch.rand(real.shape, generator=torch.Generator().manual_seed(0))
    good, bad = (made.metrics(made.features(image)) for image in (real, noise))
    assert good["kernel_distance"] < 0.1 * bad["kernel_distance"]
    assert good["diversity"] > 0.5
