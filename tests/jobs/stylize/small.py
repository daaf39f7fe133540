"""Style transfer at a small size with random filters."""

import hashlib
from pathlib import Path
from typing import Any

import torch

from handloom.display.console import Display
from handloom.jobs.stylize.verbs import stylize
from handloom.runs.directory import RunDirectory

QUICK: dict[str, Any] = {
    "network": "random",
    "size": 48,
    "scales": 2,
    "iterations": 6,
    "device": "cpu",
}


def paint(photo: Path, paintings: list[Path], out: Path, **options: Any) -> RunDirectory:
    run = out.parent / f"run-{out.stem}"
    return stylize(photo, paintings, out, QUICK | options, Display(quiet=True), run)


def digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes()).hexdigest()


def pixels(path: Path) -> torch.Tensor:
    from handloom.data.images.photo import Opened

    opened = Opened(path)
    return opened.at(opened.image.height, opened.image.width)
