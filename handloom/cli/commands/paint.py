"""Paint a photo like a painting, and go on with one that was stopped."""

from pathlib import Path
from typing import Any

from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError


def resume_painting(given: dict[str, Any]) -> int:
    """`handloom resume RUN`, where the run is a painting."""
    from handloom.jobs.stylize import painting as stylizing

    if given["epochs"] is not None:
        raise UserError("a painting has no epochs: paint anew with other --iterations")
    return painted(stylizing.resume(given["run"], progress()).path, given["json"])


def stylize(argv: list[str]) -> int:
    """`handloom stylize PHOTO PAINTING... --out OUT`."""
    from handloom.cli.parser import config_flags, flag, parse, positional
    from handloom.jobs.stylize.build import Config

    flags = [
        positional("photo", Path, "the image to paint"),
        positional("style", list[Path], "one or more paintings"),
        flag("out", Path | None, "where the result goes: a .jpg, .png, .webp or .tif"),
        flag("run", Path | None, "the run directory to make; runs/stylize-PHOTO-N by default"),
        flag("frames", Path | None, "also an animation of how it was painted, .gif or .mp4"),
        *config_flags(Config),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom stylize", "Paint a photo like a painting.")
    own = [given.pop(name) for name in ("photo", "style", "out", "run", "frames", "json")]
    photo, styles, out, run, frames, as_json = own
    if out is None:
        raise UserError("say where the result goes, as in --out painted.jpg")
    from handloom.jobs.stylize import painting as stylizing

    options = {name: value for name, value in given.items() if value is not None}
    directory = stylizing.stylize(photo, styles, out, options, progress(), run, frames)
    return painted(directory.path, as_json)


def painted(path: Path, as_json: bool) -> int:
    """After painting: where it is, what painted it, and how long it took."""
    from handloom.runs.directory import RunDirectory

    run = RunDirectory.open(path)
    found, status = run.config(), run.status()
    if status["status"] != "finished":
        progress().message(f"saved; go on with: handloom resume {path}")
        return 130
    record = {"run": str(path), "out": found["out"], "network": found["network"]["name"]}
    record |= {"seconds": status["seconds"]} | {
        k.removeprefix("train/"): v for k, v in run.metrics()[-1].items() if k.startswith("train/")
    }
    if as_json:
        print_json([record])
    else:
        results().message(
            f"{record['out']}: painted by {found['network']['title']} in "
            f"{record['seconds']:.0f} s, content {record['content']:.3g}, "
            f"style {record['style']:.3g}"
        )
        results().message(f"next: open {path / 'report.html'}")
    return 0
