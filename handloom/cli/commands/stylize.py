"""Give a photo the look of paintings."""

from pathlib import Path

from handloom.cli.commands.shared import json_flag, progress
from handloom.cli.commands.train import finished
from handloom.errors import UserError


def stylize(argv: list[str]) -> int:
    """`handloom stylize PHOTO PAINTING... --out OUT`."""
    from handloom.cli.parser import config_flags, flag, parse, positional
    from handloom.jobs.stylize.config import NOT_TYPED, Config

    flags = [
        positional("photo", Path, "the image to change"),
        positional("painting", list[Path], "one or more images whose look it takes"),
        flag("out", Path | None, "where the result goes: a .jpg, .png, .webp or .tif"),
        flag("run", Path | None, "the run directory to make; runs/stylize-PHOTO-N by default"),
        flag("frames", Path | None, "also write an animation of all steps, .gif or .mp4"),
        *(option for option in config_flags(Config) if option.name not in NOT_TYPED),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom stylize", "Give a photo the look of paintings.")
    inputs = [given.pop(name) for name in ("photo", "painting", "out", "run", "frames", "json")]
    photo, paintings, out, run, frames, as_json = inputs
    if out is None:
        raise UserError("say where the result goes, as in --out painted.jpg")
    from handloom.jobs.stylize.verbs import stylize

    options = {name: value for name, value in given.items() if value is not None}
    directory = stylize(photo, paintings, out, options, progress(), run, frames)
    return finished(directory.path, as_json)
