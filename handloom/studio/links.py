"""Links in data: one that leads out of what the studio was opened on is not followed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from handloom.data.images.listing.walk import is_system


def leading_out(path: Path, is_inside: Callable[[Path], bool]) -> Path | None:
    """The first link below a folder, or below one that a link in it leads to, whose end is outside.

    Hidden files and folders of systems are passed over, as they are where data are read.
    """
    waiting, seen = [path.resolve()], set[Path]()
    while waiting:
        folder = waiting.pop()
        if folder in seen or not folder.is_dir():
            continue
        seen.add(folder)
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_system(entry.name) or not (entry.is_symlink() or entry.is_dir()):
                    continue
                end = Path(entry.path).resolve()
                if not is_inside(end):
                    return Path(entry.path)
                waiting.append(end)
    return None
