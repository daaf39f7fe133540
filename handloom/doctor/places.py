"""Folders that Handloom writes to, and the built-in sets that lie there."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from handloom.data.io.storage import GIB, cache_folder, data_folder
from handloom.doctor.check import Check

GROUP = "folders"
LITTLE = 2 * GIB  # bytes of a disk, below which a set of photos may not fit


def data(_: Path) -> Check:
    """$HANDLOOM_DATA, and the sets that lie there."""
    from handloom.bundles.sets import sets

    here = [name for name, item in sets().items() if item.here() is not None]
    folder = data_folder()
    text = f"{folder}: {', '.join(here)}"
    if os.environ.get("HANDLOOM_DATA") and not folder.is_dir():
        text = f"$HANDLOOM_DATA is {folder}, which does not exist"
        return Check(GROUP, "data", "failed", text, f"mkdir -p '{folder}', or unset it")
    return Check(GROUP, "data", "works", text)


def cache(_: Path) -> Check:
    """$HANDLOOM_CACHE: whether it can be written to, what it holds, and how much room is left."""
    folder = cache_folder()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(existing, os.W_OK):
        text = f"{folder} cannot be written to: images are decoded anew each time"
        return Check(GROUP, "cache", "failed", text, "set HANDLOOM_CACHE to a folder of yours")
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(existing).free
    text = f"{folder}: {held / GIB:.1f} GiB, {free / GIB:.0f} GiB free on the disk"
    if free < LITTLE:
        return Check(GROUP, "cache", "failed", text, "make room, or set HANDLOOM_CACHE elsewhere")
    return Check(GROUP, "cache", "works", text)


CHECKS: dict[str, Callable[[Path], Check]] = {"data": data, "cache": cache}
