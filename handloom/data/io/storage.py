"""Where data and caches lie, and how the caches are kept within their limit."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from handloom.errors import UserError
from handloom.runs.files import part_beside, remove_abandoned

GIB = 1 << 30
LIMIT_GIB = "20"
_is_looking: ContextVar[bool] = ContextVar("is_looking", default=False)


def data_folder() -> Path:
    """Where named sets are looked for: $HANDLOOM_DATA, else ~/.cache/handloom/data."""
    return Path(os.environ.get("HANDLOOM_DATA") or _home() / "data").expanduser()


def cache_folder() -> Path:
    """Where decoded images, features and compiled networks are kept: $HANDLOOM_CACHE, else
    ~/.cache/handloom/decoded."""
    return Path(os.environ.get("HANDLOOM_CACHE") or _home() / "decoded").expanduser()


def is_offline() -> bool:
    """Whether nothing is to be downloaded, and what is here alone used: $HANDLOOM_OFFLINE, or a
    part of the program, asks for that."""
    return _is_looking.get() or os.environ.get("HANDLOOM_OFFLINE", "0") not in ("", "0")


@contextmanager
def offline() -> Iterator[None]:
    """Inside, nothing is downloaded: to see what is here."""
    token = _is_looking.set(True)
    try:
        yield
    finally:
        _is_looking.reset(token)


def limit_bytes() -> int:
    """What all caches may take together: $HANDLOOM_CACHE_GIB, else 20 GiB. Raises UserError where
    that is not a size."""
    given = os.environ.get("HANDLOOM_CACHE_GIB") or LIMIT_GIB
    try:
        limit = float(given) * GIB
    except ValueError:
        limit = math.nan
    if not 0 <= limit < math.inf:
        raise UserError(f"HANDLOOM_CACHE_GIB is '{given}': set it to a number of GiB, 0 or more")
    return int(limit)


@contextmanager
def new_cache(name: str, is_there: Callable[[], bool]) -> Iterator[Path]:
    """A folder to fill, which takes its place in the cache at the end, if nothing was raised.

    is_there: whether it has a sound one, which another process may have put there meanwhile, and
    which stays then. Then the caches unused for longest go, beyond their limit. Raises OSError
    where there is no room, or no permission, and UserError as `limit_bytes`.
    """
    from filelock import FileLock

    root, limit = cache_folder(), limit_bytes()
    root.mkdir(parents=True, exist_ok=True)
    part = part_beside(root / name)
    part.mkdir()
    try:
        yield part
        (part / "used").touch()
        # Locked: of two processes, the later must not remove the earlier one's folder as damaged.
        with FileLock(root / ".lock"):
            if not is_there():
                shutil.rmtree(root / name, ignore_errors=True)
                os.replace(part, root / name)
        shrink(root, limit, root / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def shrink(folder: Path, limit: int, keep: Path) -> None:
    """Remove the subfolders of `folder` unused for longest until all take at most `limit` bytes.

    When a subfolder was last used is the time of change of its file `used`; `keep` stays. What a
    killed process left half-written, among them and in them, goes after a day.
    """
    remove_abandoned(folder)
    sizes: dict[Path, tuple[int, int]] = {}  # folder: (last use in nanoseconds, bytes)
    for cache in folder.iterdir():
        with suppress(OSError):  # not a cache, or another process has just removed it
            remove_abandoned(cache)
            last_use = (cache / "used").stat().st_mtime_ns
            sizes[cache] = last_use, sum(file.stat().st_size for file in cache.iterdir())
    total = sum(size for _, size in sizes.values())
    for cache, (_, size) in sorted(sizes.items(), key=lambda item: item[1]):
        if total <= limit:
            return
        if cache != keep:
            shutil.rmtree(cache, ignore_errors=True)
            total -= size


def _home() -> Path:
    return Path.home() / ".cache" / "handloom"
