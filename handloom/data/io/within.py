"""Folders that a table may name files in, where the studio was opened on a folder."""

import os
from functools import lru_cache
from pathlib import Path

WITHIN = "HANDLOOM_WITHIN"
"""The variable with those folders, separated by `os.pathsep`; without it any may be named."""


def is_within(path: Path, root: Path) -> bool:
    """Whether a file lies, all links followed, in one of those folders or in `root`."""
    named = os.environ.get(WITHIN)
    if not named:
        return True
    whole = _followed(str(path)) if path.is_symlink() else _followed(str(path.parent))
    places = [*named.split(os.pathsep), _followed(str(root))]
    return any(whole == place or whole.startswith(os.path.join(place, "")) for place in places)


@lru_cache(4096)  # a table names many files of a folder
def _followed(path: str) -> str:
    return os.path.realpath(path)
