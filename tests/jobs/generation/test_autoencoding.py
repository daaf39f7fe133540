"""Recipes of autoencoder and VAE: every network through the command line, presets, resuming."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.cli.main import main
from handloom.config import check
from handloom.engine import checkpoint
from handloom.engine.loop import Experiment, Fit
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.generation.autoencoding import Autoencoding, ResolvedAutoencoding
from handloom.jobs.generation.latents import encode_images
from handloom.jobs.loading import load
from handloom.jobs.options import fill
from handloom.jobs.vae import build as vae
from handloom.runs.directory import RunDirectory
from tests.engine.conftest import NoWaiting
from tests.engine.test_resume import StopAt, assert_same, run, through_the_disk

CPU = torch.device("cpu")
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "dense autoencoder": ("autoencoder", {"network": "dense", "preset": "tutorial"}),
    "conv autoencoder": ("autoencoder", {"network": "conv", "preset": "tutorial"}),
    "default autoencoder": ("autoencoder", {}),
    "tutorial's vae": ("vae", {"preset": "tutorial"}),
    "dense vae": ("vae", {"network": "dense", "conditional": True}),
    "default vae": ("vae", {"warmup": 0.5}),
    "bernoulli vae": ("vae", {"likelihood": "bernoulli", "conditional": True}),
}


def resolved(job: str, data: str = "digits", **options: Any) -> tuple[Any, Any]:
    module = find_job(job)
    config = check(module.config, options)
    loaded = module.load(config, data, lambda *_: None)
    return module.resolve(config, loaded), loaded


def built(name: str, epochs: int = 2) -> Experiment:
    """A short training on a few digits."""
    job, options = JOBS[name]
    config, data = resolved(job, **options, epochs=epochs, batch=128, seed=3)
    torch.manual_seed(3)
    experiment: Experiment = find_job(job).build(config, data, CPU).experiment
    return experiment


@pytest.mark.parametrize("name", JOBS)
def test_trains_and_opens_again(name: str, tmp_path: Path) -> None:
    job, options = JOBS[name]
    words = ["train", job, "digits", "--epochs", "3", "--out", str(tmp_path / "r"), "--batch", "32"]
    for key, value in options.items():
        flag = f"--{key.replace('_', '-')}"
        words += [flag] if value is True else [flag, str(value)]
    assert main(words) == 0
    opened = handloom.open(tmp_path / "r")
    assert opened.metrics[-1]["train/loss"] < opened.metrics[0]["train/loss"]
    assert opened.evaluation == opened.evaluate()
    config, networks = opened.config, opened.loaded.networks
    assert set(networks) == {"encoder", "decoder", "prior"}
    assert config["network"]["size"] == [8, 8, 1]
    assert config["latent_dim"] == networks["prior"].latent_dim
    assert config["conditional"] == bool(options.get("conditional"))
    assert len(config["classes"]) == 10
    reference = RunDirectory(tmp_path / "r").reference()
    assert reference is not None
    assert reference["latent"].shape == (359, config["latent_dim"])
    assert reference["label"].shape == (359,)
    assert reference["image"].shape == (64, 8, 8, 1)
    assert reference["image"].dtype == torch.uint8


def test_tutorial_presets_are_the_tutorials_numbers() -> None:
    expected = {
        "dense autoencoder": (100, 0.0, 3),
        "conv autoencoder": (40, 1e-5, 8),
        "tutorial's vae": (100, 0.0, 20),
    }
    for name, (epochs, decay, latent) in expected.items():
        job, options = JOBS[name]
        config, data = resolved(job, **options)
        assert (config.epochs, config.weight_decay, config.latent_dim) == (epochs, decay, latent)
        assert (config.batch, config.lr, config.schedule) == (128, 1e-3, "constant")
        assert data.valid is None  # all but the test split is trained on
        experiment = find_job(job).build(config, data, CPU).experiment
        assert list(experiment.evaluations) == ["test"]
        assert experiment.monitor is None
        (optimizer,) = experiment.optimizers.values()
        assert not optimizer.decoupled


def test_defaults_suit_the_images(shapes: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for copy in range(3):
        for path in shapes.rglob("*.png"):
            target = folder / path.parent.name / f"{copy}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    config, data = resolved("vae", str(folder), size=16)
    assert data.train.channels == 3
    assert (config.likelihood, config.binarize) == ("gaussian", "none")
    config, data = resolved("vae")  # grey digits, a third of their pixels neither black nor white
    assert (config.likelihood, config.binarize) == ("gaussian", "none")
    assert config.network == "conv"
    ink = replace(data.train, image=data.train.image.ge(128).to(torch.uint8) * 255)
    config = vae.resolve(vae.Config(), replace(data, train=ink))
    assert (config.likelihood, config.binarize) == ("bernoulli", "dynamic")


@pytest.mark.parametrize("name", JOBS)
def test_resumes_to_the_bit(name: str, tmp_path: Path) -> None:
    build = lambda: built(name)
    uninterrupted = run(build)
    stopped = run(build, StopAt(11))  # in the second epoch
    resumed = through_the_disk(stopped, build, tmp_path)
    assert_same(stopped, resumed)
    resumed.run()
    assert_same(uninterrupted, resumed)


@pytest.mark.parametrize("name", JOBS)
def test_no_step_waits_and_gradients_are_where_they_are_declared(name: str) -> None:
    experiment = built(name)
    fit = Fit(experiment)
    (step,) = fit.steps
    batches = iter(experiment.train.batches(0))
    with NoWaiting():
        for _ in range(3):
            batch = next(batches)
            for value in experiment.scheduled:
                value.update(0.3)
            step(batch)
    declared = {id(p) for p in step.phase.parameters}
    assert declared == {id(p) for p in experiment.objective.parameters()}
    assert all(p.grad is not None for p in step.phase.parameters)
    tensors, _ = checkpoint.take(fit)
    moments = [k for k in tensors if "prior" in k]
    assert moments


def test_beta_grows_over_the_warm_up() -> None:
    experiment = built("default vae")
    beta = next(d for d in experiment.scheduled if d.tensor is experiment.objective.beta)
    assert [beta.value(f) for f in (0.0, 0.25, 0.5, 1.0)] == [0.0, 0.5, 1.0, 1.0]


def test_a_fitted_prior_has_the_moments_of_the_training_latents(tmp_path: Path) -> None:
    """Those of the saved encoder, not a moving average over training."""
    options: dict[str, Any] = {"network": "dense", "latent_dim": 4, "epochs": 4}
    handloom.train("autoencoder", "digits", **options, out=tmp_path / "r", quiet=True)
    loaded = load(tmp_path / "r", "cpu")
    _, data = resolved("autoencoder", **options)
    encoder, pixels = loaded.networks["encoder"], data.train.image
    latents = encode_images(encoder, pixels, None, loaded.precision).mean
    prior = loaded.networks["prior"]
    assert torch.allclose(prior.mean, latents.mean(0), atol=1e-4)
    assert torch.allclose(prior.covariance, latents.T.cov(correction=0), rtol=1e-3, atol=1e-4)


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as caught:
        call()
    return str(caught.value)


def test_impossible_options_are_refused(tmp_path: Path, shapes: Path) -> None:
    message = refused(lambda: resolved("autoencoder", preset="tutorial", latent_dim=5))
    assert "8 latent dimensions at 8x8" in message
    for job, name, value in (("vae", "width", 8), ("vae", "depth", 2), ("autoencoder", "width", 9)):
        message = refused(lambda: resolved(job, preset="tutorial", **{name: value}))  # noqa: B023
        assert message.startswith(f"--{name} {value}: the tutorial fixes the widths")
    assert "dense VAE only" in refused(lambda: resolved("vae", preset="tutorial", network="conv"))
    assert resolved("vae")[0].network == "conv"
    assert resolved("vae", preset="tutorial")[0].network == "dense"
    message = refused(lambda: resolved("vae", likelihood="gaussian", binarize="dynamic"))
    assert "--likelihood bernoulli" in message
    flat = tmp_path / "flat"
    flat.mkdir()
    for copy in range(3):
        for path in shapes.rglob("*.png"):
            (flat / f"{path.parent.name}-{copy}-{path.name}").write_bytes(path.read_bytes())
    message = refused(lambda: resolved("vae", str(flat), conditional=True, size=8))
    assert "have no labels" in message
    assert resolved("vae", str(flat), size=8)[1].train.label is None


def test_a_run_that_diverges_fails(tmp_path: Path) -> None:
    message = refused(
        lambda: handloom.train(
            "vae", "digits", network="dense", lr=1e6, epochs=40, out=tmp_path / "r", quiet=True
        )
    )
    assert "no longer a number" in message
    status = json.loads((tmp_path / "r" / "status.json").read_text("utf-8"))
    assert status["status"] == "failed"


def test_dark_images_do_not_become_all_black() -> None:
    """An autoencoder that starts at grey drives dark images to black and stays there."""
    config, data = resolved("autoencoder", latent_dim=3)
    # Twice as large, on black, as MNIST's are.
    pixels = data.train.image.repeat_interleave(2, 1).repeat_interleave(2, 2)
    pixels = torch.nn.functional.pad(pixels, (0, 0, 6, 6, 6, 6))
    dark = replace(data.train, image=pixels)
    torch.manual_seed(0)
    module = find_job("autoencoder")
    built = module.build(config, replace(data, train=dark, valid=None, test=None), CPU)
    built.experiment.epochs = 4
    fit = run(lambda: built.experiment)
    image = dark.image.permute(0, 3, 1, 2).float() / 255
    black = 4 * image.square().flatten(1).sum(1).mean()
    loss = fit.experiment.objective.eval().loss({"image": image})[0]
    assert loss < 0.7 * black


@pytest.mark.parametrize("name", JOBS)
def test_a_resolved_config_has_every_option_and_stays_as_it_is(name: str) -> None:
    job, options = JOBS[name]
    config, data = resolved(job, **options)
    assert isinstance(config, ResolvedAutoencoding)
    assert find_job(job).resolve(config, data) == config


def test_an_option_that_resolve_leaves_open_raises() -> None:
    with pytest.raises(TypeError, match="resolve leaves batch, latent_dim open"):
        fill(
            ResolvedAutoencoding,
            Autoencoding(network="dense", epochs=1, lr=1e-3),
            {"schedule": "constant", "weight_decay": 0.0, "lr": 2.0},
        )
