"""The evaluator is fitted, saved and restored, and tells good images from bad ones."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.load import load
from handloom.engine.loop import Diverged
from handloom.errors import UserError
from handloom.jobs.gan import evaluator as evaluator_module
from handloom.jobs.gan.evaluator import Evaluator, evaluator_for, restored
from handloom.jobs.gan.evaluator_network import feature_network
from handloom.metrics.gan_health import sample_warnings

CPU = torch.device("cpu")
PLAIN = SimpleNamespace(evaluator=None)


@pytest.fixture(scope="module")
def digits() -> DataSet:
    return load("digits")


@pytest.fixture(scope="module")
def learned(digits: DataSet) -> tuple[Evaluator, dict[str, Tensor]]:
    made = evaluator_for(None, digits, CPU)
    return made, made.fit()


def as_image(images: Tensor) -> Tensor:
    return images.permute(0, 3, 1, 2).float() / 255


def found(made: Evaluator, image: Tensor) -> dict[str, float]:
    return {k: v.item() for k, v in made.metrics(made.features(image)).items()}


def test_knows_the_classes(learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet) -> None:
    made, _ = learned
    assert digits.valid is not None
    assert made.accuracy is not None
    assert made.accuracy > 0.97
    likely = made.classify(made.features(as_image(digits.valid.image)))
    assert likely is not None
    assert (likely == digits.valid.label).float().mean().item() == pytest.approx(made.accuracy)


def test_real_images_pass(learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet) -> None:
    """Unseen real images cause no warning; the unbiased kernel distance may be below 0."""
    assert digits.test is not None
    half = as_image(digits.test.image[::2])
    metrics = found(learned[0], half)
    assert -0.06 < metrics["kernel_distance"] < 0.03
    assert metrics["frechet_distance"] < 0.5
    assert 0.8 < metrics["diversity"] < 1.25
    assert 0.8 < metrics["nearest"] < 1.3
    assert 0.8 < metrics["nearest_pixels"] < 1.3
    assert sample_warnings(metrics) == []


def test_copies_are_near(learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet) -> None:
    generator = torch.Generator().manual_seed(0)
    image = as_image(digits.train.image[:500])
    copies = (image + 0.03 * torch.randn(image.shape, generator=generator)).clamp(0, 1)
    metrics = found(learned[0], copies)
    assert metrics["nearest"] < 0.5
    assert metrics["nearest_pixels"] < 0.5
    assert metrics["diversity"] > 0.8
    assert "copies" in sample_warnings(metrics)[0]


@pytest.mark.parametrize("what", ["ten images", "one class"])
def test_few_images_are_not_diverse(
    what: str, learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet
) -> None:
    assert digits.test is not None
    assert digits.test.label is not None
    image = as_image(digits.test.image)
    chosen = image[:10].repeat(30, 1, 1, 1) if what == "ten images" else None
    chosen = image[digits.test.label == 3] if chosen is None else chosen
    metrics = found(learned[0], chosen)
    assert metrics["diversity"] < 0.2
    assert metrics["kernel_distance"] > 0.1
    assert "collapsed" in sample_warnings(metrics)[0]


def test_noise_is_far(learned: tuple[Evaluator, dict[str, Tensor]]) -> None:
    metrics = found(
        learned[0], torch.rand(300, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    )
    assert metrics["kernel_distance"] > 1
    assert metrics["nearest"] > 1
    assert metrics["nearest_pixels"] > 2


def test_features_that_are_not_finite_raise(learned: tuple[Evaluator, dict[str, Tensor]]) -> None:
    features = learned[0].features(torch.zeros(3, 1, 8, 8))
    features[1, 0] = torch.nan
    with pytest.raises(Diverged, match="images of the generator"):
        learned[0].metrics(features)


def test_restored_without_the_data(
    learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet
) -> None:
    made, tensors = learned
    again = restored(made.record, tensors, CPU)
    image = as_image(digits.train.image[:300]).flip(3)
    assert torch.equal(again.features(image), made.features(image))
    assert found(again, image) == found(made, image)
    assert again.protocol(300) == made.protocol(300)
    assert "300 generated images against" in made.protocol(300)
    assert sum(t.nbytes for t in tensors.values()) < 1_000_000


@pytest.mark.usefixtures("quick_evaluator")
def test_the_same_data_give_the_same_evaluator_and_global_generators_stay(digits: DataSet) -> None:
    first = evaluator_for(None, digits, CPU).fit()
    torch.manual_seed(77)
    before = torch.get_rng_state()
    tensors = evaluator_for(None, digits, CPU).fit()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(tensors[name], tensor) for name, tensor in first.items())


def test_another_reference_is_refused(learned: tuple[Evaluator, dict[str, Tensor]]) -> None:
    made, tensors = learned
    for wrong in (
        {k: t for k, t in tensors.items() if k != "real"},
        {k: t for k, t in tensors.items() if k != "unseen"},
        tensors | {"unseen": tensors["unseen"][:5]},
        {k: t for k, t in tensors.items() if k != "network/network.head.weight"},
        tensors | {"network/network.head.weight": torch.zeros(3, 3)},
        tensors | {"training": tensors["training"][:, :5]},
        tensors | {"own": tensors["own"][:, :5]},
    ):
        with pytest.raises(UserError, match=r"reference\.safetensors .* config\.json"):
            restored(made.record, wrong, CPU)


def test_without_labels_it_classifies_rotations(digits: DataSet) -> None:
    bare = load("digits", labelled=False, validation=0.0)
    made = evaluator_for(None, bare, CPU)
    made.fit()
    assert "classifier of rotations" in made.protocol(500)
    assert made.record["reference"] == "the test split"
    real = as_image(bare.train.image[::3])
    assert made.classify(made.features(real)) is None
    good, blurred = found(made, real), found(made, torch.nn.functional.avg_pool2d(real, 3, 1, 1))
    assert good["kernel_distance"] < 0.02 < 0.2 < blurred["kernel_distance"]


@pytest.mark.usefixtures("quick_evaluator")
def test_oblong_colour_images_of_one_class_are_evaluated() -> None:
    image = torch.randint(0, 256, (70, 12, 16, 3), dtype=torch.uint8)
    images = Images(image, torch.zeros(70, dtype=torch.int64), ("all",), ("",) * 70)
    data = DataSet("few", images, None, None, (), (), "0" * 32, {})
    made = evaluator_for(None, data, CPU)
    made.fit()
    assert made.record["network"]["classes"] == 2
    assert all(torch.isfinite(v) for v in made.metrics(made.features(as_image(image))).values())


def test_large_images_are_shrunk() -> None:
    image = torch.randint(0, 256, (64, 80, 160, 3), dtype=torch.uint8)
    images = Images(image, torch.arange(64) % 2, ("a", "b"), ("",) * 64)
    data = DataSet("large", images, None, None, (), (), "0" * 32, {})
    made = evaluator_for(None, data, CPU)
    assert made.record["network"]["size"] == [32, 64, 3]
    assert "shrunk to 64x32 pixels" in made.protocol(64)
    seen = restored(made.record, untrained(made), CPU).features(as_image(image))
    assert seen.shape == (64, made.record["features"] + 16 * 16 * 3)


def untrained(made: Evaluator) -> dict[str, Tensor]:
    """The reference of an untrained evaluator."""
    count, features = made.record["real"], made.record["features"]
    state = feature_network(made.record["network"]).state_dict()
    return {f"network/{name}": tensor for name, tensor in state.items()} | {
        "real": torch.randn(count, features),
        "training": torch.randn(count, features),
        "thumbnails": torch.zeros(count, 768, dtype=torch.uint8),
        "own": torch.ones(2, count),
    }


def test_labels_are_as_frequent_as_the_real_ones(
    learned: tuple[Evaluator, dict[str, Tensor]],
) -> None:
    made = Evaluator(learned[0].record | {"shares": [0.5, 0.0, 0.25, 0.25]}, CPU)
    assert torch.bincount(made.labels(8), minlength=4).tolist() == [4, 0, 2, 2]
    counts = torch.bincount(learned[0].labels(359))
    assert (counts - 359 * torch.tensor(learned[0].record["shares"])).abs().max() < 1


def test_real_images_of_a_table_that_alternates_are_of_all_classes(
    learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second image would be of one class."""
    assert digits.train.label is not None
    zeros, ones = ((digits.train.label == kind).nonzero()[:60, 0] for kind in (0, 1))
    rows = torch.stack([zeros, ones], 1).flatten()
    monkeypatch.setattr(evaluator_module, "MOST", 60)
    other = learned[0].against(digits.train.subset(rows), "both")
    predicted = learned[0]._fitted().head(other._real).argmax(1)
    assert predicted.bincount(minlength=2)[:2].min() >= 25


def test_the_final_evaluation_uses_images_that_chose_nothing(
    learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet
) -> None:
    made, tensors = learned
    assert digits.test is not None
    last = restored(made.record, tensors, CPU).final()
    assert (made.record["reference"], made.record["real"]) == ("the validation split", 288)
    assert "against 359 images of the test split" in last.protocol(100)
    seen = made.features(as_image(digits.train.image[::2]))
    by_name = made.against(digits.test, "the test split")
    fids = [one.metrics(seen)["frechet_distance"].item() for one in (last, by_name, made)]
    assert fids[0] == pytest.approx(fids[1], rel=1e-2)  # features are kept in half precision
    assert abs(fids[0] - fids[2]) > 0.02
    alone = Evaluator(made.record | {"unseen": None}, CPU)
    assert alone.final() is alone


def test_other_images_can_be_the_real_ones(
    learned: tuple[Evaluator, dict[str, Tensor]], digits: DataSet
) -> None:
    made, _ = learned
    ones = digits.train.subset((digits.train.label == 1).nonzero()[:, 0])
    other = made.against(ones, "ones")
    image = as_image(ones.image)
    assert found(other, image)["kernel_distance"] < 0.05 < 1 < found(made, image)["kernel_distance"]
    assert "images of ones," in other.protocol(100)
