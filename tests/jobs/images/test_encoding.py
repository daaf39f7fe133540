"""A finished run as an encoder, and what a name of an encoder means."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import handloom
from handloom.data.images.inputs import load_inputs
from handloom.errors import UserError
from handloom.jobs.images.encoding import find_encoder, is_run
from handloom.jobs.loading import load


def test_a_classifier_s_features_are_what_its_head_sees(
    digits_run: Path, digit_files: list[str]
) -> None:
    encoder = find_encoder(digits_run, device="cpu")
    run = load(digits_run, "cpu")
    pixels = load_inputs(digit_files, run.config["preprocessing"]).image
    network = run.networks["network"]
    with torch.no_grad():
        image = pixels.permute(0, 3, 1, 2).float() / 255
        wanted = network.features(image).flatten(1)  # type: ignore[operator]
    features = encoder(pixels)
    assert features.shape == (4, encoder.width)
    assert torch.allclose(features, wanted, atol=0.05 * float(wanted.abs().max()))
    assert encoder.preprocessing["size"] == run.config["preprocessing"]["size"]
    assert "brightness" not in encoder.preprocessing
    assert find_encoder(digits_run).fingerprint == encoder.fingerprint


def test_a_vae_s_latents_are_its_means(
    untrained: Callable[..., Path], digit_files: list[str]
) -> None:
    path = untrained("vae")
    encoder = find_encoder(path, device="cpu")
    run = handloom.open(path)
    pixels = load_inputs(digit_files, run.config["preprocessing"]).image
    latents = run.call("encode", digit_files)
    assert torch.allclose(encoder(pixels), latents.latent, atol=0.05)
    assert encoder.fingerprint != find_encoder(untrained("autoencoder")).fingerprint


def test_what_a_name_means(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert is_run(tmp_path / "run")
    assert is_run("runs/nowhere")
    assert not is_run("pixels")
    assert not is_run("timm:resnet18")
    with pytest.raises(UserError, match=r"no config\.json"):
        find_encoder("runs/nowhere")
