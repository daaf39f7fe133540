"""Style transfer for real, small, with random filters: what it paints, and the options."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from handloom.cli import main as cli
from handloom.display.console import Display
from handloom.jobs.stylize.colors import luminance
from handloom.jobs.stylize.records import TERMS
from handloom.jobs.stylize.verbs import stylize
from tests.jobs.stylize.small import QUICK, digest, paint, pixels


def test_paints_from_small_to_large_and_leaves_a_run(photo: Path, painting: Path) -> None:
    out = photo.parent / "out.png"
    frames = photo.parent / "frames.gif"
    options = QUICK | {"iterations": 30}
    run = stylize(photo, [painting], out, options, Display(quiet=True), photo.parent / "r", frames)
    with Image.open(out) as painted, Image.open(frames) as animation:
        assert painted.size == (64, 48)
        assert animation.n_frames > 5
    config, lines = run.config(), run.metrics()
    assert config["network"]["name"] == "random"
    assert [size["height"] for size in config["sizes"]] == [24, 48]
    assert [stage["name"] for stage in config["stages"]] == ["32x24", "64x48"]
    assert lines[-1]["step"] == sum(size["iterations"] for size in config["sizes"])
    assert config["options"]["paintings"] == [str(painting)]
    assert config["options"]["out"] == str(out)
    assert config["options"]["frames"] == str(frames)
    assert lines[-1]["train/loss"] < lines[-3]["train/loss"]  # of one size
    page = (run.path / "report.html").read_text("utf-8")
    assert "<img" in page
    assert "--seed" not in page  # as it is by default
    assert run.evaluation()["smoothness"] > 0
    assert all(f">{term}<" in page for term in TERMS)
    assert f"handloom stylize {photo} {painting} --out {out}" in page
    assert run.networks()["image"]["pixels"].shape == (1, 3, 48, 64)
    assert run.status()["status"] == "finished"
    assert (run.path / "preview.jpg").exists()


def test_frames_as_a_film(photo: Path, painting: Path) -> None:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("ffmpeg is not installed: nothing writes .mp4 here")
    film = photo.parent / "frames.mp4"
    options = QUICK | {"size": 49, "iterations": 12}  # odd sides, which yuv420p does not have
    stylize(photo, [painting], photo.parent / "out.png", options, Display(quiet=True),
            photo.parent / "r", film)  # fmt: skip
    probe = ["ffprobe", "-v", "error", "-of", "json", "-count_frames", "-show_streams", str(film)]
    (stream,) = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)["streams"]
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")
    assert (stream["width"], stream["height"]) == (64, 48)
    assert int(stream["nb_read_frames"]) > 5
    assert float(stream["duration"]) == pytest.approx(6, abs=0.5)


def test_tiles_paint_the_same_image(photo: Path, painting: Path) -> None:
    options: dict[str, Any] = {"size": 160, "scales": 1, "precision": "float32", "start": "noise"}
    whole = paint(photo, [painting], photo.parent / "whole.png", **options)
    tiled = paint(photo, [painting], photo.parent / "tiled.png", tile=208, **options)
    assert tiled.config()["sizes"][0]["plan"]["tile"] == 208
    first = [run.metrics()[0]["train/style"] for run in (whole, tiled)]
    assert first[0] == pytest.approx(first[1], rel=1e-3)


def test_kept_colours_are_the_photos(photo: Path, painting: Path) -> None:
    out = photo.parent / "out.png"
    paint(photo, [painting], out, keep_colors=True)
    result, wanted = pixels(out), pixels(photo)
    wanted = torch.nn.functional.interpolate(wanted, result.shape[2:], mode="area")
    inside = ((result > 0.01) & (result < 0.99)).all(1)  # clipped pixels lose colour
    difference = lambda image: (image[:, 0] - image[:, 2])[inside]
    assert (difference(result) - difference(wanted)).abs().mean() < 0.05
    assert (luminance(result) - luminance(wanted)).abs().mean() > 0.01


def test_histogram_start_and_several_styles(photo: Path, painting: Path) -> None:
    out = photo.parent / "out.png"
    run = paint(
        photo,
        [painting, photo],
        out,
        style_weights="0.7,0.3",
        colors="histogram",
        start=str(painting),
    )
    assert run.status()["status"] == "finished"


def test_masks_say_where_which_painting_goes(photo: Path, painting: Path) -> None:
    folder = photo.parent
    mask = Image.new("L", (96, 72), 0)
    mask.paste(255, (0, 0, 48, 72))
    mask.save(folder / "mask.png")
    left = paint(photo, [painting, photo], folder / "a.png", masks=str(folder / "mask.png"))
    assert left.status()["status"] == "finished"
    paint(photo, [painting, photo], folder / "b.png")
    assert digest(folder / "a.png") != digest(folder / "b.png")


def test_transparent_and_grey_images_are_taken_and_named(
    painting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = painting.parent
    Image.new("RGBA", (60, 60), (200, 0, 0, 128)).save(folder / "clear.png")
    Image.open(painting).convert("L").save(folder / "grey.png")
    stylize(
        folder / "clear.png",
        [folder / "grey.png"],
        folder / "out.png",
        QUICK | {"scales": 1, "iterations": 2},
        Display(),
        folder / "r",
    )
    printed = capsys.readouterr().err
    assert "clear.png is transparent in places: it lies over white" in printed
    assert "grey.png is greyscale" in printed
    assert "features of random multi-scale filters" in printed


def test_command_line(photo: Path, painting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = photo.parent
    given = [str(photo), str(painting), "--out", str(folder / "o.jpg"), "--run", str(folder / "r")]
    quick = ["--network", "random", "--size", "48", "--scales", "1", "--iterations", "3", "--json"]
    assert cli.main(["stylize", *given, *quick]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["network"] == "random"
    assert Path(record["out"]).exists()
    assert cli.main(["resume", str(folder / "r"), "--json"]) == 0  # nothing left to do
    assert cli.main(["stylize", *given, *quick]) == 2  # the run is there already
    assert "already holds a run" in capsys.readouterr().err
    assert cli.main(["stylize", str(photo), str(painting)]) == 2
    assert "--out painted.jpg" in capsys.readouterr().err


def test_strength_moves_between_photo_and_painting(photo: Path, painting: Path) -> None:
    wanted = torch.nn.functional.interpolate(pixels(photo), (48, 64), mode="area")
    distances = []
    for strength in (0.0, 0.25, 0.5, 1.0):
        out = photo.parent / f"{strength}.png"
        paint(photo, [painting], out, strength=strength, iterations=30)
        distances.append((pixels(out) - wanted).square().mean().item())
    assert distances == sorted(distances)
    assert distances[0] < 0.1 * distances[-1]
