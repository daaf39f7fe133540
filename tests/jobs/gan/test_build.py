"""Building a GAN: presets, defaults, sizes, exact resume, bad input."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.config import check
from handloom.data.images.load import load
from handloom.engine import checkpoint
from handloom.engine.loop import Callback, Fit
from handloom.errors import UserError
from handloom.jobs.gan import build as gan
from handloom.jobs.gan.health import TrainingWarnings
from handloom.jobs.training.stage import Built
from handloom.runs.directory import RunDirectory
from tests.engine.conftest import NoWaiting

CPU = torch.device("cpu")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """100 colour images of 20x24 in two classes."""
    rng = np.random.default_rng(0)
    for i in range(100):
        folder = tmp_path / "photos" / ("dark" if i % 2 else "light")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 100, (24, 20, 3), dtype=np.uint8) + 120 * (1 - i % 2)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
    return tmp_path / "photos"


def built(data: Any = "digits", **options: Any) -> tuple[gan.Config, Built]:
    config = check(gan.Config, options)
    loaded = gan.load(config, str(data), lambda *_: None)
    config = gan.resolve(config, loaded)
    torch.manual_seed(config.seed)
    made = gan.build(config, loaded, CPU)
    made.experiment.evaluations, made.experiment.monitor = {}, None
    return config, made


@pytest.mark.parametrize("network", ["dense", "dcgan"])
def test_the_tutorials_training(network: str) -> None:
    config, made = built(preset="tutorial", network=network)
    assert (config.lr, config.discriminator_lr, config.beta1) == (3e-4, 3e-4, 0.5)
    assert (config.batch, config.latent_dim, config.prior, config.loss) == (
        128,
        96,
        "uniform",
        "minimax",
    )
    assert (config.ema_decay, config.augment, config.n_critic) == (0.0, "none", 1)
    assert made.record["images"]["train"] == 1438 * 5 // 6
    for optimizer in made.experiment.optimizers.values():
        assert optimizer.betas == (0.5, 0.999)
    assert made.experiment.networks["generator"] is made.experiment.objective.generator
    with pytest.raises(UserError, match="there is no tutorial for resnet"):
        built(preset="tutorial")
    with pytest.raises(UserError, match=r"^--width 8: the widths of dense are"):
        built(network="dense", width=8)


def test_the_tutorials_division_of_a_folder_has_all_classes() -> None:
    digits = load("digits", validation=0)
    assert digits.train.label is not None
    ordered = digits.train.subset(digits.train.label.argsort(stable=True))
    divided = gan._first(replace(digits, train=ordered))
    assert divided.valid is not None
    assert divided.valid.label is not None
    assert divided.valid.label.bincount(minlength=10).min() >= 20
    assert not set(divided.valid.names) & set(divided.train.names)
    as_is = gan._first(digits)
    assert as_is.train.names == digits.train.names[: len(digits.train) * 5 // 6]


def test_what_is_left_open_is_chosen_for_network_and_loss() -> None:
    config, made = built()
    assert (config.network, config.loss, config.augment) == ("resnet", "minimax", "none")
    assert None not in (config.epochs, config.batch, config.lr, config.evaluate_every)
    assert made.experiment.networks["generator"] is not made.experiment.objective.generator
    assert made.experiment.objective.share
    config, made = built(loss="wasserstein", network="dcgan", lr=3e-5)
    assert (config.n_critic, config.lr) == (5, 3e-5)
    assert [phase.every for phase in made.experiment.objective.phases()] == [1, 5]
    assert not made.experiment.objective.share


@pytest.mark.parametrize("network", ["dense", "dcgan", "resnet"])
@pytest.mark.parametrize("loss", ["minimax", "least-squares", "hinge", "wasserstein"])
def test_every_network_trains_with_every_loss(network: str, loss: str) -> None:
    _, made = built(network=network, loss=loss, epochs=1, conditional=network != "dense")
    Fit(made.experiment).run()
    found = gan.networks(made.record)
    for name, kept in found.items():
        kept.load_state_dict(made.experiment.networks[name].state_dict())
    latent = found["prior"](3)
    label = torch.arange(3) if made.record["conditional"] else None
    image = found["generator"].eval().generate(latent, label)
    assert torch.equal(image, made.experiment.networks["generator"].eval().generate(latent, label))


def test_colour_images_at_another_size(photos: Path) -> None:
    config, made = built(photos, size=32, epochs=1, conditional=True)
    assert made.record["network"]["size"] == [32, 32, 3]
    assert made.record["classes"] == ["dark", "light"]
    assert (config.batch, config.augment) == (16, "diff")
    assert any("images are few" in note for note in made.notes)
    Fit(made.experiment).run()


@pytest.mark.parametrize("network", ["dense", "dcgan", "resnet"])
@pytest.mark.parametrize("loss", ["minimax", "wasserstein"])
def test_no_step_waits_for_the_device(network: str, loss: str) -> None:
    _, made = built(network=network, loss=loss, conditional=True, augment="diff", n_critic=1)
    fit = Fit(made.experiment)
    batch = next(made.experiment.train.batches(0))
    for step in fit.steps:  # gradients are checked at the first
        step(batch)
    with NoWaiting():
        for step in fit.steps:
            step(batch)


class Stop(Callback):
    """Stops after some steps."""

    def __init__(self, step: int) -> None:
        self.at = step

    def step(self, fit: Fit) -> None:
        if fit.progress.step == self.at:
            fit.progress.interrupted = True


@pytest.mark.parametrize("network", ["dcgan", "resnet"])
def test_a_resumed_gan_is_the_same_to_the_bit(network: str) -> None:
    def fit(callbacks: list[Callback]) -> Fit:
        _, made = built(network=network, epochs=2, precision="float32", ema_decay=0.9)
        return Fit(made.experiment, callbacks)

    whole = fit([])
    whole.run()
    first = fit([Stop(11)])
    first.run()
    tensors, numbers = checkpoint.take(first)
    saved = {name: tensor.clone() for name, tensor in tensors.items()}
    second = fit([])
    torch.manual_seed(99)
    checkpoint.put(second, saved, numbers)
    second.run()
    state = second.experiment.objective.state_dict()
    for name, tensor in whole.experiment.objective.state_dict().items():
        assert torch.equal(tensor, state[name]), name


@pytest.mark.usefixtures("quick_evaluator")
def test_a_run_is_trained_evaluated_and_opened(tmp_path: Path) -> None:
    run = handloom.train(
        "gan", "digits", network="dense", epochs=2, conditional=True, evaluate_every=1,
        sample_every=4, out=tmp_path / "run", quiet=True,
    )  # fmt: skip
    assert [line["epoch"] for line in run.metrics] == [1, 2]
    for name in (
        "valid/kernel_distance",
        "valid/diversity",
        "train/discriminator/real",
        "train/generator/loss",
    ):
        assert name in run.metrics[-1]
    folder = RunDirectory(tmp_path / "run").path
    assert {path.name for path in (folder / "samples").glob("*.png")} >= {
        "epoch-1.png", "epoch-2.png", "step-4.png",
    }  # fmt: skip
    for name in ("reference.safetensors", "networks.safetensors", "report.html"):
        assert (folder / name).exists()
    opened = handloom.open(tmp_path / "run")
    assert opened.config["prior"] == "normal"
    assert "generated images against" in opened.config["protocol"]


FLAGS = {"discriminator": "discriminator_lr", "generator": "lr"}


@pytest.mark.usefixtures("quick_evaluator")
@pytest.mark.parametrize("network_name", FLAGS)
def test_a_lost_run_keeps_its_last_good_state(
    network_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poison(self: Callback, fit: Fit) -> None:
        if fit.progress.step == 20:  # in the third epoch
            with torch.no_grad():
                fit.experiment.objective.get_submodule(network_name).body[-1].bias.fill_(torch.nan)

    monkeypatch.setattr(TrainingWarnings, "step", poison)
    message = rf"of '{network_name}' is no longer a number.*smaller {FLAGS[network_name]} or"
    with pytest.raises(UserError, match=message):
        handloom.train(
            "gan", "digits", network="dense", epochs=4, evaluate_every=1, augment="none",
            out=tmp_path / "run", quiet=True,
        )  # fmt: skip
    run = RunDirectory.open(tmp_path / "run")
    assert run.status()["status"] == "failed"
    kept = run.networks()["generator"]
    assert all(tensor.isfinite().all() for tensor in kept.values())


def test_bad_input(shapes: Path, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has 36 images for training"):
        built(shapes)
    for options in ({"batch": 1}, {"batch": 129, "grad_accum_steps": 128}):
        with pytest.raises(UserError, match="the batch norm of dcgan needs two images"):
            built(network="dcgan", **options)
    flat = tmp_path / "flat"
    flat.mkdir()
    for i, path in enumerate(photos.rglob("*.png")):
        path.rename(flat / f"{i}.png")
    with pytest.raises(UserError, match=r"^--conditional: the images in .* have no labels"):
        built(flat, conditional=True)
    for i in range(100):
        Image.new("RGB", (16, 16), (9, 9, 9)).save(flat / f"{i}.png")
    with pytest.raises(UserError, match=r"every image of .* is of a single colour"):
        built(flat)


@pytest.mark.usefixtures("quick_evaluator")
@pytest.mark.parametrize(
    ("network_name", "options"),
    [("generator", {"lr": 1e20}), ("discriminator", {"discriminator_lr": 1e20})],
)
def test_an_absurd_rate_is_blamed_on_its_network_name(
    network_name: str, options: dict[str, float], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=rf"'{network_name}'.*smaller {FLAGS[network_name]} or"):
        handloom.train(
            "gan", "digits", network="dense", epochs=4, evaluate_every=1, augment="none",
            out=tmp_path / "run", quiet=True, **options,
        )  # fmt: skip


@pytest.mark.usefixtures("quick_evaluator")
def test_epochs_without_a_turn_of_the_generator(tmp_path: Path) -> None:
    run = handloom.train(
        "gan", "digits", network="dense", epochs=3, n_critic=50, evaluate_every=1,
        out=tmp_path / "run", quiet=True,
    )  # fmt: skip
    assert run.finished
    assert any("train/generator/loss" not in line for line in run.metrics)


@pytest.mark.usefixtures("quick_evaluator")
def test_a_broken_image_is_named(photos: Path, tmp_path: Path) -> None:
    next(photos.rglob("*.png")).with_name("torn.png").write_bytes(b"no image")
    _, made = built(photos)
    assert any("torn.png" in note for note in made.notes)


@pytest.mark.parametrize("options", [{}, {"network": "dcgan", "preset": "tutorial"}])
def test_a_resolved_config_stays_as_it_is(options: dict[str, Any]) -> None:
    config = check(gan.Config, options)
    data = gan.load(config, "digits", lambda *_: None)
    resolved = gan.resolve(config, data)
    assert gan.resolve(resolved, data) == resolved


def test_presets_have_the_epochs_of_the_tutorials() -> None:
    epochs = {"dense": 10, "dcgan": 5}
    for network, expected in epochs.items():
        assert built(preset="tutorial", network=network)[0].epochs == expected


@pytest.mark.usefixtures("quick_evaluator")
def test_minutes_become_epochs(tmp_path: Path) -> None:
    """The evaluator is fitted before an evaluation is timed, and again in the run."""
    run = handloom.train(
        "gan", "digits", network="dense", minutes=0.02, out=tmp_path / "run", quiet=True
    )
    assert run.finished
    assert run.config["options"]["minutes"] is None
    assert run.config["epochs"] == run.metrics[-1]["epoch"] >= 1
