"""Sample, encode, reconstruct and interpolate: results and errors."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.errors import UserError
from handloom.jobs.generation.verbs import manifold

Make = Callable[..., Path]
VAE = dict(network="dense", latent_dim=4)


def vae(untrained: Make) -> str:
    return str(untrained("vae", **VAE))


def gan(untrained: Make) -> str:
    return str(untrained("gan", network="dense"))


def opened(path: Path | str) -> handloom.GenerativeRun:
    run = handloom.open(path)
    assert isinstance(run, handloom.GenerativeRun)
    return run


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    said = capsys.readouterr().err
    assert said.startswith("handloom: ")
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize("job", ["autoencoder", "vae", "gan"])
def test_sampling_is_repeatable(job: str, untrained: Make) -> None:
    run = opened(untrained(job, network="dense"))
    first, again, other = run.sample(5), run.sample(5), run.sample(5, seed=1)
    assert first.shape == (5, 8, 8, 1)
    assert first.dtype == torch.uint8
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_latent_gives_its_image(untrained: Make, digit_files: list[str]) -> None:
    run = opened(vae(untrained))
    code = run.encode(digit_files[0]).latent[0]
    for given in (code, code.tolist(), code.numpy()):
        assert torch.equal(run.sample(latent=given), run.reconstruct(digit_files[0]).image)


def test_truncated_samples_are_closer_to_the_mean(untrained: Make) -> None:
    run = opened(vae(untrained))
    middle = run.sample(latent=[0, 0, 0, 0]).float()
    away = [(run.sample(32, truncation=t).float() - middle).square().mean() for t in (0.1, 1.0)]
    assert away[0] < away[1] / 20


def test_classes_come_in_turn_and_one_can_be_asked_for(untrained: Make, tmp_path: Path) -> None:
    path = untrained("vae", conditional=True, **VAE)
    assert len(opened(path).sample(3, label="7")) == 3
    assert main(["sample", str(path), "--out", str(tmp_path), "--count", "12"]) == 0
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names[:3] == ["0-01.png", "0-11.png", "1-02.png"]
    assert len(names) == 12


def test_a_grid_has_a_named_row_for_each_class(
    untrained: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "grid.jpg"
    path = str(untrained("vae", conditional=True, **VAE))
    said = told(capsys, "sample", path, "--out", str(out), "--count", "20")
    digits = ", ".join("0123456789")
    assert said == f"{out}: 20 images of classes {digits}, 8x8, latents from a standard normal\n"
    with Image.open(out) as image:
        assert image.height == 10 * 50 + 2
        assert image.width > 2 * 50 + 2


def test_sample_beside_the_run_and_in_json(
    untrained: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    path = untrained("autoencoder", network="dense")
    assert "fitted to those of its training images" in told(capsys, "sample", str(path))
    assert (path / "samples/grid.png").is_file()
    (line,) = told(capsys, "sample", str(path), "--count", "3", "--json").splitlines()
    assert json.loads(line) == {
        "out": str(path / "samples/grid.png"), "images": 3, "size": [8, 8], "source": "fitted",
        "classes": [],
    }  # fmt: skip


def test_latents_as_a_table(
    untrained: Make, digit_files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "latents.csv"
    said = told(capsys, "encode", vae(untrained), digit_files[0], "digits", "--out", str(out))
    assert said == f"{out}: 360 latents of 4 numbers\n"
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    dims = range(1, 5)
    assert list(rows[0]) == ["input", *(f"z{i}" for i in dims), *(f"var{i}" for i in dims), "label"]
    assert (rows[0]["input"], rows[0]["label"]) == (digit_files[0], "")
    assert (rows[1]["input"], rows[1]["label"]) == ("test/0", "4")
    assert float(rows[0]["z1"]) == pytest.approx(float(rows[1]["z1"]), abs=1e-5)
    (line,) = told(capsys, "encode", vae(untrained), digit_files[1], "--json").splitlines()
    assert set(json.loads(line)) == {"input", "latent", "variance"}


def test_originals_lie_above_reconstructions(
    untrained: Make, digit_files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.png"
    words = ["reconstruct", vae(untrained), *digit_files, "--out", str(out)]
    assert f"{out}: originals above their reconstructions" in told(capsys, *words)
    with Image.open(out) as image, Image.open(digit_files[1]) as original:
        assert image.size == (4 * 50 + 2, 2 * 50 + 2)
        assert image.getpixel((53 + 6 * 3, 3)) == original.getpixel((3, 0))
    lines = [json.loads(line) for line in told(capsys, *words, "--json").splitlines()]
    found = opened(vae(untrained)).reconstruct(digit_files)
    away = (found.original.double() - found.image.double()) / 255
    assert [line["input"] for line in lines] == digit_files
    assert lines[2]["mean_squared_error"] == pytest.approx((away[2] ** 2).mean().item(), abs=1e-6)


def test_a_walk_begins_and_ends_at_the_images(
    untrained: Make, digit_files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = opened(vae(untrained)), tmp_path / "morph.gif"
    walked = run.interpolate(digit_files[:3], frames=5)
    ends = run.reconstruct(digit_files[:3]).image
    assert torch.equal(walked[[0, 5, 10]], ends)
    words = ["interpolate", vae(untrained), *digit_files[:2], "--out"]
    assert f"{out}: 25 images from" in told(capsys, *words, str(out))
    with Image.open(out) as image:
        assert 2 <= image.n_frames <= 48  # Pillow joins frames that are the same
        assert image.info["loop"] == 0
    told(capsys, *words, str(tmp_path / "strip.png"))
    with Image.open(tmp_path / "strip.png") as image:
        assert image.size == (10 * 50 + 2, 52)


def test_images_made_in_python_have_names(untrained: Make, digit_files: list[str]) -> None:
    run = opened(vae(untrained))
    images = [Image.open(name) for name in digit_files[:2]]
    assert run.encode(images).names == run.reconstruct(images).names == ("image 1", "image 2")
    assert torch.equal(run.interpolate(images, frames=2), run.interpolate(digit_files[:2], 2))


def test_a_gan_goes_between_seeds(untrained: Make, capsys: pytest.CaptureFixture[str]) -> None:
    run = opened(gan(untrained))
    walked = run.interpolate([3, 7], frames=4)
    assert torch.equal(walked[0], run.sample(1, seed=3)[0])
    assert torch.equal(walked[-1], run.sample(1, seed=7)[0])
    said = refused(capsys, "interpolate", gan(untrained), "a.png", "b.png")
    assert "'a.png' is not a seed" in said


def test_a_walk_goes_between_latents(untrained: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = untrained("vae", conditional=True, **VAE)
    run = opened(path)
    ends = [[0.5, 0.0, -1.0, 2.0], [-1.5, 1.0, 0.0, 0.25]]
    walked = run.interpolate([",".join(map(str, end)) for end in ends], frames=3, label="3")
    assert len(walked) == 4
    for given in (ends, torch.tensor(ends)):
        assert torch.equal(run.interpolate(given, frames=3, label=3), walked)
    for frame, end in ((0, ends[0]), (-1, ends[1])):
        assert torch.equal(walked[frame], run.sample(latent=end, label="3")[0])
    first = run.interpolate(["0.5,0,0,0", "1,0,0,0"], frames=2)  # of the first class
    assert torch.equal(first[0], run.sample(latent=[0.5, 0, 0, 0], label="0")[0])
    assert "handloom: 1,2: 2 numbers for a run of 4" in refused(
        capsys, "interpolate", str(path), "1,2", "3,4"
    )


def test_a_conditional_encoder_must_be_told_the_class(
    untrained: Make, digit_files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = untrained("vae", conditional=True, **VAE)
    assert "needs: give --class, one of 0, 1" in refused(
        capsys, "encode", str(path), digit_files[0]
    )
    run = opened(path)
    found = run.encode("digits")
    assert found.labels[:2] == ("4", "5")
    told_class = run.encode(digit_files[0], label="4").latent
    assert torch.allclose(found.latent[:1], told_class, atol=1e-5)


def test_the_manifold_of_two_latents_has_the_middle_in_the_middle(untrained: Make) -> None:
    run = opened(untrained("vae", network="dense", latent_dim=2))
    pixels, about = manifold(run.loaded, 5)
    assert about == "both latent dimensions from the 2nd to the 98th percentile"
    assert torch.equal(pixels[12], run.sample(latent=[0, 0])[0])
    right = run.sample(latent=[2.0537, 0.0])[0].int()
    assert (pixels[14].int() - right).abs().max() <= 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--class", "3"], "was trained without --conditional"),
        (["--latent", "1,2"], "--latent 1,2: 2 numbers for a run of 4 latent dimensions"),
        (["--latent", "-1,2,3"], "--latent -1,2,3: 3 numbers"),
        (["--latent", "1,two,3,4"], "must be numbers separated by commas"),
        (["--latent", "1,nan,3,4"], "must be finite"),
        (["--latent", "1,2,3,4", "--count", "2"], "leave out --count"),
        (["--truncation", "0"], "--truncation 0.0: must be above 0, up to 1"),
        (["--truncation", "1.5"], "--truncation 1.5"),
        (["--truncation", "nan"], "--truncation nan"),
        (["--count", "0"], "--count 0: must be 1 to 10000"),
        (["--count", "10001"], "--count 10001"),
        (["--seed", "-1"], "--seed -1"),
        (["--out", "grid.xyz"], "give a name that ends in .png, .jpg, .jpeg or .webp"),
        (["--out", "nowhere/grid.png"], "the folder nowhere does not exist"),
        (["--out", "nowhere"], "or name a folder that exists"),
        (["--prefix", "The"], "there is no flag '--prefix'"),
    ],
)
def test_sample_refuses(
    words: list[str], says: str, untrained: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, "sample", vae(untrained), *words)


def test_the_other_verbs_refuse(
    untrained: Make,
    digits_run: Path,
    digit_files: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, other = vae(untrained), gan(untrained)
    says = lambda *words: refused(capsys, *words)
    assert "'reconstruct' is not available for gan runs; available: " in says(
        "reconstruct", other, digit_files[0]
    )
    assert "'encode' is not available for gan runs" in says("encode", other, digit_files[0])
    assert "'sample' is not available" in says("sample", str(digits_run))
    assert "'encode' is not available" in says("encode", str(digits_run), digit_files[0])
    assert "'gone.png' does not exist" in says("encode", run, "gone.png")
    assert "'gone.png' does not exist" in says("interpolate", run, digit_files[0], "gone.png")
    for ends in (("3", "7"), ("1,2", digit_files[0])):
        said = says("interpolate", run, *ends)
        assert f"'{ends[0]}' does not exist: give images, or latents alone, 4 numbers" in said
    assert "needs at least two ends" in says("interpolate", run, digit_files[0])
    assert "--frames 0" in says("interpolate", run, *digit_files[:2], "--frames", "0")
    assert "single images" in says("interpolate", run, digit_files[0], "digits")
    assert ".csv" in says("encode", run, digit_files[0], "--out", "latents.txt")
    assert "is a folder" in says("reconstruct", run, digit_files[0], "--out", str(tmp_path))
    (tmp_path / "notes.png").write_text("hello")
    assert "notes.png" in says("reconstruct", run, str(tmp_path / "notes.png"))
    assert "must be one of 0, 1" in says(
        "sample", str(untrained("vae", conditional=True, **VAE)), "--class", "ten"
    )


def test_in_python_what_a_run_cannot_do_is_not_there(untrained: Make, digits_run: Path) -> None:
    assert not hasattr(handloom.open(digits_run), "sample")
    with pytest.raises(UserError, match="'encode' is not available for gan runs"):
        opened(gan(untrained)).encode("digits")


def test_encoding_gives_mean_and_variance_of_a_vae(untrained: Make, digit_files: list[str]) -> None:
    run = opened(vae(untrained))
    encoded = run.encode(digit_files)
    image = run.reconstruct(digit_files).original.permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        mean, log_variance = run.loaded.networks["encoder"].cpu()(image).float().chunk(2, 1)
    assert torch.allclose(encoded.latent, mean, atol=1e-4)
    assert torch.allclose(encoded.variance, log_variance.exp(), rtol=1e-3)
    plain = opened(untrained("autoencoder", network="dense")).encode(digit_files)
    assert plain.variance is None
