"""Evaluating autoencoders and VAEs: own data, other data, and no data at all."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

import handloom
from handloom.data.images.dataset import Images
from handloom.data.images.load import load
from handloom.engine.precision import Precision
from handloom.errors import UserError
from handloom.jobs.generation import evaluation
from handloom.jobs.generation.latents import encode_images
from handloom.jobs.images import data as image_data
from handloom.jobs.images.evaluation_data import EvaluationData
from handloom.jobs.vae import bounds as vae
from handloom.jobs.vae import verbs

FLOAT32 = Precision(torch.device("cpu"), None)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each job, trained for some epochs on the digits as files."""
    root = tmp_path_factory.mktemp("evaluation")
    folder, digits = root / "digits", load("digits").train
    assert digits.label is not None
    for i in range(300):
        target = folder / digits.classes[int(digits.label[i])] / f"{i}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digits.image[i, :, :, 0].numpy()).save(target)
    found = {"digits": folder}
    own = {"autoencoder": {}, "vae": {"likelihood": "bernoulli"}}
    for job, options in own.items():
        found[job] = root / job
        handloom.train(
            job, folder, network="dense", width=64, epochs=6, latent_dim=8, size=8, out=found[job],
            quiet=True, **options,
        )  # fmt: skip
    return found


def moved(run: Path, folder: Path, data: Path) -> handloom.Run:
    """The run in another place, on a machine without the data."""
    copy = Path(shutil.copytree(run, folder / "copy"))
    config = json.loads((copy / "config.json").read_text("utf-8"))
    config["data"] = str(data)
    (copy / "config.json").write_text(json.dumps(config))
    return handloom.open(copy)


@pytest.mark.parametrize("job", ["autoencoder", "vae"])
def test_own_data_give_the_same_figures_again(
    job: str, runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, reads = handloom.open(runs[job]), list[str]()
    read = image_data._own_data
    monkeypatch.setattr(
        image_data, "_own_data", lambda run, place: (reads.append(place), read(run, place))[1]
    )
    found = run.evaluate()
    assert found == run.evaluation
    assert len(reads) == 1
    assert found["split"] == "valid"
    assert run.describe(found).startswith(f"valid: {found['loss']:.2f}")
    if job == "vae":
        error = found["loss_standard_error"]
        assert f" ± {error:.2f} nats per image" in run.describe(found)


@pytest.mark.parametrize("job", ["autoencoder", "vae"])
def test_without_the_data_the_recorded_evaluation_is_returned(
    job: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    run = moved(runs[job], tmp_path, tmp_path / "gone")
    found = run.evaluate()
    assert found["recorded"] is True
    assert {k: v for k, v in found.items() if k not in ("recorded", "reason")} == run.evaluation
    assert "not on this machine" in run.describe(found)
    (run.path / "evaluation.json").unlink()
    with pytest.raises(UserError, match="no recorded evaluation"):
        handloom.open(run.path).evaluate()


@pytest.mark.parametrize("job", ["autoencoder", "vae"])
def test_changed_data_are_reported(job: str, runs: dict[str, Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(runs["digits"], tmp_path / "other"))
    next(other.rglob("*.png")).unlink()
    found = moved(runs[job], tmp_path, other).evaluate()
    assert found["recorded"] is True
    assert "are not those" in found["reason"]


def test_other_data_are_evaluated(runs: dict[str, Path]) -> None:
    for job in ("autoencoder", "vae"):
        found = handloom.open(runs[job]).evaluate("digits")
        assert (found["data"], found["split"], found["images"]) == ("digits", "test", 359)
        assert "recorded" not in found
        assert "pca" not in found


def test_the_loss_is_the_sum_of_squares(runs: dict[str, Path]) -> None:
    run = handloom.open(runs["autoencoder"])
    test = load("digits").test
    assert test is not None
    image = test.image.to(run.loaded.device).permute(0, 3, 1, 2).float() / 255
    networks = run.loaded.networks
    with torch.no_grad():
        back = networks["decoder"].generate(networks["encoder"](image))
    wanted = (2 * (back - image)).square().flatten(1).sum(1).mean().item()
    found = run.evaluate("digits")
    assert found["loss"] == pytest.approx(wanted, rel=0.02)
    assert found["error"] == pytest.approx((wanted / 4 / 64) ** 0.5, rel=0.02)


def test_terms_and_bound(runs: dict[str, Path]) -> None:
    found = handloom.open(runs["vae"]).evaluate("digits")
    assert found["loss"] == pytest.approx(found["reconstruction"] + found["kl"], abs=1e-3)
    assert found["bound"] < found["loss"] + 0.2
    assert (found["importance_samples"], found["bound_images"]) == (100, 359)
    assert (found["likelihood"], found["binarize"]) == ("bernoulli", "dynamic")
    assert 0 <= found["active"] <= 8
    assert found["bits_per_dimension"] == pytest.approx(found["bound"] / 64 / math.log(2), abs=1e-3)
    assert 0 < found["bound_standard_error"] < found["loss_standard_error"] < 1


def test_what_stands_for_a_set_in_the_order_of_its_classes_has_all_of_them(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = handloom.open(shutil.copytree(runs["vae"], tmp_path / "vae"))
    digits = load("digits").train
    assert digits.label is not None
    ordered = digits.subset(digits.label.argsort(stable=True))
    monkeypatch.setattr(evaluation, "LATENTS", 200)
    monkeypatch.setattr(evaluation, "IMAGES", 20)
    evaluation.save_reference(run.loaded, ordered)
    reference = run.loaded.directory.reference()
    assert reference is not None
    assert reference["label"].bincount().min() >= 18
    assert reference["label"][:20].bincount(minlength=10).min() >= 1
    encoder, exact = run.loaded.networks["encoder"], Precision(run.loaded.device, None)
    shown = encode_images(encoder, reference["image"], None, exact).mean.cpu()
    assert torch.allclose(shown, reference["latent"][:20], atol=0.05)
    seen: list[Images] = []
    bounds = vae.bounds
    monkeypatch.setattr(vae, "BUDGET", 0.0)
    monkeypatch.setattr(
        vae, "bounds", lambda run, part, k: (seen.append(part), bounds(run, part, k))[1]
    )
    used = EvaluationData("digits", "test", ordered, None)
    found = verbs._evaluated(run.loaded, used)
    assert (found["bound_images"], found["samples"]) == (100, 100 * 100 // len(ordered))
    assert seen[0].label is not None
    assert seen[0].label.bincount().min() >= 9
    assert [len(images) for images in seen] == [100, len(ordered)]


def test_a_collapsed_posterior_is_reported(runs: dict[str, Path]) -> None:
    from handloom.jobs.vae.verbs import describe

    found = handloom.open(runs["vae"]).evaluate("digits")
    assert "collapsed, or the network has not learned yet" in describe(found | {"active": 0})[-1]
    assert "collapsed" not in " ".join(describe(found | {"active": 8}))


@pytest.mark.parametrize("job", ["autoencoder", "vae"])
def test_own_data_that_were_moved_are_known_again(
    job: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    run = moved(runs[job], tmp_path, tmp_path / "gone")
    elsewhere = Path(shutil.copytree(runs["digits"], tmp_path / "elsewhere"))
    found = run.evaluate(str(elsewhere))
    assert found["split"] == "valid"
    assert found["loss"] == handloom.open(runs[job]).evaluate()["loss"]


def test_what_the_tutorials_losses_leave_out_is_said(tmp_path: Path) -> None:
    run = handloom.train(
        "vae", "digits", preset="tutorial", epochs=2, out=tmp_path / "run", quiet=True
    )
    found = run.evaluation
    assert found is not None
    trained = next(line["test/loss"] for line in reversed(run.metrics) if "test/loss" in line)
    assert found["loss"] - found["constant"] == pytest.approx(trained, rel=0.02)
    assert "leave out the Gaussian's constant, -" in run.describe(found)


@pytest.mark.parametrize(
    ("colour", "what"), [("flat", "is of a single colour"), ("same", "is the same")]
)
def test_images_that_do_not_differ(colour: str, what: str, tmp_path: Path) -> None:
    for i in range(80):
        image = Image.new("RGB", (16, 16), (9, 9, 3 * i if colour == "flat" else 9))
        if colour == "same":
            image.putpixel((3, 3), (200, 0, 0))
        (tmp_path / "data").mkdir(exist_ok=True)
        image.save(tmp_path / "data" / f"{i}.png")
    with pytest.raises(UserError, match=f"every image of .* {what}"):
        handloom.train("gan", tmp_path / "data", out=tmp_path / "run", quiet=True)
