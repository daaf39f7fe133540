"""The page of generative runs: whole, offline, and safe whatever classes are called."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from markupsafe import Markup

import handloom
from handloom.data.images.drawing.grid import png
from handloom.reports.filmstrip import filmstrip
from handloom.reports.scatter import Cloud, cloud_of, scatter
from handloom.runs.directory import RunDirectory

NASTY = "</script><script>alert(1)</script>"


def headings(page: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", page)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "vae"
    options = dict(network="dense", latent_dim=3, width=32, epochs=2, importance_samples=2)
    handloom.train("vae", "digits", out=out, quiet=True, **options)  # type: ignore[arg-type]
    return out


def test_a_trained_run_has_everything_in_one_file(trained: Path) -> None:
    page = (trained / "report.html").read_text("utf-8")
    assert {"Samples", "Learning", "Reconstructions", "Latents", "Manifold", "Walks"} <= set(
        headings(page)
    )
    assert "Samples by epoch" in headings(page)
    assert {p.name for p in (trained / "samples").iterdir()} == {"epoch-1.png", "epoch-2.png"}
    assert "reconstruction" in page
    assert "data:image/gif;base64," in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert len(page) < 2_000_000


def test_without_the_data_everything_goes_on(
    trained: Path, tmp_path: Path, digit_files: list[str]
) -> None:
    path = shutil.copytree(trained, tmp_path / "elsewhere")
    config = RunDirectory(path).config()
    RunDirectory(path).write_config(config | {"data": "/nowhere/images"})
    run = handloom.open(path)
    assert isinstance(run, handloom.GenerativeRun)
    assert "Latents" in headings(run.report().read_text("utf-8"))
    assert len(run.sample(3)) == 3
    assert run.encode(digit_files).latent.shape == (4, 3)
    assert len(run.reconstruct(digit_files[0]).image) == 1
    assert len(run.interpolate(digit_files[:2], frames=3)) == 4
    assert run.evaluate()["recorded"]


@pytest.mark.parametrize("job", ["autoencoder", "vae", "gan"])
def test_a_run_that_was_never_trained_has_a_page(job: str, untrained: Callable[..., Path]) -> None:
    run = handloom.open(untrained(job, network="dense"))
    assert {"Samples", "Manifold", "Walks"} <= set(headings(run.report().read_text("utf-8")))


def test_a_conditional_run_has_a_page(untrained: Callable[..., Path]) -> None:
    run = handloom.open(untrained("vae", network="dense", latent_dim=2, conditional=True))
    assert "class 0" in run.report().read_text("utf-8")


def test_a_single_held_out_image_has_a_page(untrained: Callable[..., Path], tmp_path: Path) -> None:
    path = shutil.copytree(untrained("vae", network="dense", latent_dim=5), tmp_path / "run")
    images = torch.zeros(1, 8, 8, 1, dtype=torch.uint8)
    RunDirectory(path).write_reference({"latent": torch.randn(1, 5), "image": images})
    page = handloom.open(path).report().read_text("utf-8")
    assert "Reconstructions" in headings(page)
    assert "Latents" not in headings(page)


def test_classes_are_data_and_never_markup() -> None:
    found = cloud_of(torch.randn(30, 5), torch.arange(30) % 2)
    made = scatter(found, [NASTY, "b & c"])
    assert "<script>alert" not in made
    text = re.search(r'id="cloud-data">(.*?)</script>', made, re.DOTALL)
    assert text is not None
    assert json.loads(text[1])["classes"] == [NASTY, "b & c"]
    assert isinstance(made, Markup)


def test_more_than_three_dimensions_become_principal_components() -> None:
    generator = torch.Generator().manual_seed(0)
    latent = torch.randn(5000, 6, generator=generator) * torch.tensor([1, 1, 9, 1, 4, 1.0])
    found = cloud_of(latent, None)
    assert len(found.points) == len(found.label) == 1600
    assert found.axes[0] == "component 1 (80 %)"
    assert "97 % of the variance" in found.about
    assert found.label[0] is None
    assert found.points.abs().max() < 2
    assert cloud_of(latent[:, :2], None).axes == ["z1", "z2"]
    assert (cloud_of(latent[:, :2], None).points[:, 2] == 0).all()


def test_collapsed_latents_are_still_a_cloud_of() -> None:
    found: Cloud = cloud_of(torch.zeros(10, 4), None)
    assert found.points.isfinite().all()
    assert "nan" not in scatter(found, [])


def test_the_filmstrip_is_in_order_and_short(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert filmstrip(tmp_path) is None
    image = png(torch.zeros(8, 8, 1, dtype=torch.uint8))
    for epoch in range(1, 41):
        run.append_metrics({"epoch": epoch, "step": 100 * epoch})
        run.write_sample(f"epoch-{epoch}.png", image)
    run.write_sample("step-150.png", image)
    run.write_sample("grid.png", image)
    found = re.findall("<figcaption>(.*?)</figcaption>", str(filmstrip(tmp_path)))
    assert found[:3] == ["epoch 1", "step 150", "epoch 2"]
    assert found[-1] == "epoch 40"
    assert len(found) <= 8


def test_warnings_of_a_gan_are_shown(untrained: Callable[..., Path]) -> None:
    run = RunDirectory(untrained("gan", network="dense", loss="hinge"))
    run.append_metrics(
        {
            "epoch": 1,
            "step": 10,
            "seconds": 1.0,
            "train/discriminator/loss": 1.0,
            "valid/kernel_distance": 0.5,
        }
    )
    made = lambda: handloom.open(run.path).report().read_text("utf-8")
    assert "The figures show no problem" in made()
    run.cut_metrics(0)
    assert "was not evaluated" in made()
    run.write_evaluation(
        {
            "kernel_distance": 0.0123456,
            "kernel_distance_standard_error": 0.00123,
            "frechet_distance": 3.5,
            "diversity": 0.1,
            "nearest": 1.0,
            "nearest_pixels": 1.0,
        }
        | {"protocol": "100 generated images against 200", "shares": {"<b>": 0.25}}
        | {"warnings": ["the generator has <i>collapsed</i>"]}
        | {"floor": {"images": 1150, "kernel_distance": -0.0007, "frechet_distance": 0.36}}
    )
    page = made()
    assert "0.01235 ± 0.0012" in page
    assert "1,150 training images, compared with the same real ones" in page
    assert "the generator has &lt;i&gt;collapsed" in page
    assert "0.01235" in page
    assert "100 generated images against 200" in page
    assert "&lt;b&gt;" in page
