"""Start a style transfer, and what is done when it has finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.config import check
from handloom.jobs.stylize.config import Config
from handloom.jobs.training.places import locate_data
from handloom.jobs.training.stage import Record

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.loading import Loaded
    from handloom.runs.directory import RunDirectory


def stylize(
    photo: Path,
    paintings: Sequence[Path],
    out: Path,
    options: Record,
    display: Display,
    run: Path | None = None,
    frames: Path | None = None,
) -> RunDirectory:
    """Give `photo` the look of `paintings`, into `out`; the run is returned, finished or stopped.

    run: the run directory. frames: also an animation of all steps.
    """
    from handloom.jobs.training.train import train

    inputs: Record = {"paintings": tuple(str(path) for path in paintings), "out": str(out)}
    inputs["frames"] = None if frames is None else str(frames)
    return train("stylize", str(photo.resolve()), options | inputs, display, run)


def finish(run: Loaded) -> Record:
    """Write the result where it was asked for and into the run, and the animation; its losses."""
    from handloom.data.images.photo import Opened, write, write_frames
    from handloom.jobs.stylize.colors import recolored
    from handloom.runs.files import writable

    config, folder = check(Config, run.config["options"]), run.directory.path
    pixels = run.networks["image"].state_dict()["pixels"].cpu()
    if config.colors == "luminance":
        pixels = recolored(
            pixels, Opened(Path(locate_data(run.directory, run.config))).at(*pixels.shape[2:])
        )
    with writable(Path(config.out)):
        write(pixels, Path(config.out))
        write(pixels, folder / "result.png")
        if config.frames is not None:
            write_frames(sorted((folder / "samples").glob("*.jpg")), Path(config.frames))
    last = {k.removeprefix("train/"): v for k, v in run.directory.metrics()[-1].items()}
    return {
        "out": config.out,
        "network": run.config["network"]["name"],
        "seconds": run.directory.status()["seconds"],
        **{name: last[name] for name in ("content", "style", "structure") if name in last},
    }


def describe(evaluation: Record) -> list[str]:
    """Where the image is, and its losses."""
    return [
        f"{evaluation['out']}: features of {evaluation['network']}, "
        f"{evaluation['seconds']:.0f} s, content {evaluation['content']:.3g}, "
        f"style {evaluation['style']:.3g}"
    ]
