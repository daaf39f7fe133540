"""The one order of paths, that of their bytes as UTF-8, in which SQLite has them too."""

import sys


def order(path: str) -> bytes:
    """What paths are sorted by: what lies in a folder `a` comes after `a.png`, before `a0.png`."""
    return path.encode("utf-8", sys.getfilesystemencodeerrors())


def path_of_bytes(key: bytes) -> str:
    """The path that has a place in that order."""
    return key.decode("utf-8", sys.getfilesystemencodeerrors())


def as_text(name: str) -> str:
    """A name as text that can be stored: what is not Unicode is written out, as `\\udce4`, so that
    two names stay two."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
