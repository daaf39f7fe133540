"""Start a style transfer, and what is done when it has finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from handloom.config import check
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.records import TERMS
from handloom.jobs.training.places import locate_data

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.loading import Loaded
    from handloom.jobs.stylize.records import Evaluation, Record
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import Options


def stylize(
    photo: Path,
    paintings: Sequence[Path],
    out: Path,
    options: Options,
    display: Display,
    run: Path | None = None,
    frames: Path | None = None,
) -> RunDirectory:
    """Give `photo` the look of `paintings`, into `out`; the run is returned, finished or stopped.

    run: the run directory. frames: also an animation of all steps.
    """
    from handloom.jobs.training.lifecycle import train

    inputs: Options = {"paintings": tuple(str(path) for path in paintings), "out": str(out)}
    inputs["frames"] = None if frames is None else str(frames)
    return train("stylize", str(photo.resolve()), options | inputs, display, run)


def finish(run: Loaded[Record]) -> Evaluation:
    """Write the result where it was asked for and into the run, and the animation; its losses."""
    from handloom.data.images.photo import Opened, write, write_frames
    from handloom.jobs.stylize.colors import recolored
    from handloom.runs.files import writable

    config, folder = check(Config, run.recorded), run.directory.path
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
    evaluation: Evaluation = {
        "out": config.out,
        "network": run.config["network"]["name"],
        "seconds": run.directory.status()["seconds"],
    }
    losses = {name: last[name] for name in TERMS if name in last}
    return evaluation | cast("Evaluation", losses)


def describe(evaluation: Evaluation) -> list[str]:
    """Where the image is, and its losses."""
    return [
        f"{evaluation['out']}: features of {evaluation['network']}, "
        f"{evaluation['seconds']:.0f} s, content {evaluation['content']:.3g}, "
        f"style {evaluation['style']:.3g}"
    ]
