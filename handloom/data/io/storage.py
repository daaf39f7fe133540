"""Where data and caches lie, and how a file is written so that no half of it is ever seen."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GIB = 1 << 30
DAY = 86_400  # seconds


def data_folder() -> Path:
    """Where named sets are looked for: $HANDLOOM_DATA, else ~/.cache/handloom/data."""
    return Path(os.environ.get("HANDLOOM_DATA") or _home() / "data").expanduser()


def cache_folder() -> Path:
    """Where decoded images are kept: $HANDLOOM_CACHE, else ~/.cache/handloom/decoded."""
    return Path(os.environ.get("HANDLOOM_CACHE") or _home() / "decoded").expanduser()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` at the end, or nothing if something is raised."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def shrink(folder: Path, limit: int, keep: Path) -> None:
    """Removes the subfolders of `folder` unused for longest until all take at most `limit` bytes.

    When a subfolder was last used is the time of change of its file `used`; `keep` stays. What a
    killed process left half-written goes after a day.
    """
    for part in folder.glob(".part-*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > DAY:
                shutil.rmtree(part, ignore_errors=True)
    sizes = {}
    for cache in folder.iterdir():
        if cache.is_dir() and (cache / "used").exists():
            sizes[cache] = sum(file.stat().st_size for file in cache.iterdir())
    total = sum(sizes.values())
    for cache in sorted(sizes, key=lambda cache: (cache / "used").stat().st_mtime_ns):
        if total <= limit:
            return
        if cache != keep:
            shutil.rmtree(cache, ignore_errors=True)
            total -= sizes[cache]


def _home() -> Path:
    return Path.home() / ".cache" / "handloom"
