"""Style transfer for real, small, with random filters: run, resume, options, bad input."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import handloom
from handloom.cli import main as cli
from handloom.display.console import Display
from handloom.engine.loop import Callback, Fit
from handloom.errors import UserError
from handloom.jobs.stages import Stages
from handloom.jobs.stylize.colors import luminance
from handloom.jobs.stylize.verbs import stylize
from handloom.jobs.training import resume
from handloom.objectives.style_transfer import StyleTransfer
from handloom.runs.directory import RunDirectory

QUICK: dict[str, Any] = {
    "network": "random",
    "size": 48,
    "scales": 2,
    "iterations": 6,
    "device": "cpu",
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A sky over ground, with a tower."""
    image = Image.new("RGB", (96, 72), (90, 150, 230))
    image.paste((60, 110, 50), (0, 45, 96, 72))
    image.paste((150, 60, 50), (40, 15, 52, 60))
    image.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    """Slanted red and yellow strokes."""
    image = Image.new("RGB", (80, 80))
    image.putdata(
        [(220, 40, 20) if (x + y) % 9 < 4 else (240, 220, 60) for y in range(80) for x in range(80)]
    )
    image.save(tmp_path / "painting.png")
    return tmp_path / "painting.png"


def paint(photo: Path, paintings: list[Path], out: Path, **options: Any) -> RunDirectory:
    run = out.parent / f"run-{out.stem}"
    return stylize(photo, paintings, out, QUICK | options, Display(quiet=True), run)


def digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes()).hexdigest()


def pixels(path: Path) -> torch.Tensor:
    from handloom.data.images.photo import Opened

    opened = Opened(path)
    return opened.at(opened.image.height, opened.image.width)


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
    assert "<img" in (run.path / "report.html").read_text()
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


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.at = step

    def step(self, fit: Fit) -> None:
        if fit.progress.step == self.at:
            fit.progress.interrupted = True


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("step", [4, 10, 13])  # in the first size, at its end, in the second
def test_resume_is_exact(
    photo: Path, painting: Path, step: int, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = paint(photo, [painting], photo.parent / "whole.png", optimizer=optimizer)
    with monkeypatch.context() as patch:
        made = Stages._fit

        def stopping(stages: Stages, *given: Any) -> Fit:
            fit = made(stages, *given)
            fit.callbacks.insert(0, StopAt(step))
            return fit

        patch.setattr(Stages, "_fit", stopping)
        stopped = paint(photo, [painting], photo.parent / "stopped.png", optimizer=optimizer)
        assert stopped.status()["status"] == "stopped"
        assert not (photo.parent / "stopped.png").exists()
    resume(stopped.path, Display(quiet=True))
    assert stopped.status()["status"] == "finished"
    assert digest(photo.parent / "stopped.png") == digest(photo.parent / "whole.png")
    losses = [[line["train/loss"] for line in run.metrics()] for run in (whole, stopped)]
    assert losses[0] == losses[1]


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
    found, wanted = pixels(out), pixels(photo)
    wanted = torch.nn.functional.interpolate(wanted, found.shape[2:], mode="area")
    inside = ((found > 0.01) & (found < 0.99)).all(1)  # clipped pixels lose colour
    difference = lambda image: (image[:, 0] - image[:, 2])[inside]
    assert (difference(found) - difference(wanted)).abs().mean() < 0.05
    assert (luminance(found) - luminance(wanted)).abs().mean() > 0.01


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory": "100M"}, "--memory is too small for even one tile"),
        ({"memory": "lots"}, "--memory lots: write a number and its unit"),
        ({"style_weights": "1,2"}, "1 paintings need 1 numbers"),
        ({"masks": "a.png,b.png"}, "2 masks were given for 1 paintings"),
        ({"start": "nowhere.png"}, "'nowhere.png' cannot be read as an image: no such file"),
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


def test_a_killed_run_goes_on_to_the_same_bits(photo: Path, painting: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"iterations": 200, "size": 64}
    whole = paint(photo, [painting], tmp_path / "whole.png", **options)
    given = [str(photo), str(painting), "--out", "killed.png", "--run", "killed"]
    given += ["--network", "random", "--size", "64", "--scales", "2", "--iterations", "200"]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen(
        [sys.executable, "-m", "handloom", "stylize", *given, "--device", "cpu"],
        cwd=tmp_path,
        env=os.environ | threads | {"PYTHONPATH": str(Path(handloom.__file__).parents[1])},
        stderr=subprocess.DEVNULL,
    )
    run = RunDirectory(tmp_path / "killed")
    while process.poll() is None and not list((run.path / "checkpoint").glob("*")):
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert run.status()["status"] == "running"
    resume(run.path, Display(quiet=True))
    assert run.status()["status"] == "finished"
    assert digest(tmp_path / "killed.png") == digest(tmp_path / "whole.png")
    losses = [[line["train/loss"] for line in r.metrics()] for r in (run, whole)]
    assert losses[0] == losses[1]


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


def test_a_fixed_plan_takes_no_epochs(photo: Path, painting: Path) -> None:
    run = paint(photo, [painting], photo.parent / "out.png", scales=1)
    with pytest.raises(UserError, match="--epochs 50: a stylize run has a fixed plan"):
        resume(run.path, Display(quiet=True), 50)


def test_changed_images_are_not_resumed(photo: Path, painting: Path) -> None:
    run = paint(photo, [painting], photo.parent / "out.png", scales=1)
    run.write_status({"status": "stopped", "epoch": 0})
    Image.new("RGB", (80, 80), (10, 200, 10)).save(painting)
    with pytest.raises(UserError, match="not those the run began with"):
        resume(run.path, Display(quiet=True))


def test_strength_moves_between_photo_and_painting(photo: Path, painting: Path) -> None:
    wanted = torch.nn.functional.interpolate(pixels(photo), (48, 64), mode="area")
    distances = []
    for strength in (0.0, 0.25, 0.5, 1.0):
        out = photo.parent / f"{strength}.png"
        paint(photo, [painting], out, strength=strength, iterations=30)
        distances.append((pixels(out) - wanted).square().mean().item())
    assert distances == sorted(distances)
    assert distances[0] < 0.1 * distances[-1]
