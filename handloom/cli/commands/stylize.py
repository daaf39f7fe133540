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
        positional("painting", list[Path], "one or more images whose style it takes"),
        flag("out", Path | None, "file to write: .jpg, .png, .webp or .tif"),
        flag("run", Path | None, "run directory to make; by default runs/stylize-PHOTO-N"),
        flag("frames", Path | None, "animation of all steps to write: .gif or .mp4"),
        *(option for option in config_flags(Config) if option.name not in NOT_TYPED),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom stylize", "Give a photo the look of paintings.")
    inputs = [given.pop(name) for name in ("photo", "painting", "out", "run", "frames", "json")]
    photo, paintings, out, run, frames, as_json = inputs
    if out is None:
        raise UserError("--out is missing: name the file to write, as in --out painted.jpg")
    from handloom.jobs.stylize.verbs import stylize

    options = {name: value for name, value in given.items() if value is not None}
    directory = stylize(photo, paintings, out, options, progress(), run, frames)
    return finished(directory.path, as_json)
