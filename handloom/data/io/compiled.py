"""Networks as ONNX files in this machine's cache: each is written once, and found by a key that
names all that it computes, so that none can answer for another.

They go with the caches when these are full. $HANDLOOM_COMPILE=0 writes none.
"""

import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from handloom.data.io.storage import cache_folder, new_cache
from handloom.errors import UserError

VERSION = 1  # of what the files compute; another one is written anew
FILE = "network.onnx"
WEIGHTS = f"{FILE}.data"  # where they are apart
CHECKSUM = "checksum"  # of both, in decimal digits
REFUSED = "refused"  # in place of all three: the versions with which a network cannot be compiled
LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime")
# Bytes of weights. Compiling holds them about twice more, in half a minute of a processor for 350
# MB, and a machine that is out of memory kills what it runs.
MOST_WEIGHTS = 500_000_000


def name_of(key: str) -> str:
    """What a network is called in the cache."""
    return f"compiled-{VERSION}-{key}"


def kept(key: str) -> Path | None:
    """The folder of a network; None where there is none, or it is damaged."""
    if not key.replace("-", "").isalnum():
        return None  # an index may be somebody else's, and what it names be a path
    folder = cache_folder() / name_of(key)
    try:
        is_whole = int((folder / CHECKSUM).read_text("utf-8")) == _checksum(folder)
    except (OSError, ValueError):
        return None
    with suppress(OSError):  # of a cache that cannot be written
        (folder / "used").touch()
    return folder if is_whole else None


def keep(key: str, write: Callable[[Path], bool], is_there: Callable[[], bool]) -> None:
    """Write the files of a network into the cache, where they are not there yet.

    write: into a folder; False where no file computes what the network does, as where it raises
    anything but OSError and MemoryError. That is remembered, and not tried again by the same
    libraries. is_there: whether the cache has a network that can be run. Nothing happens where the
    cache cannot be written, or memory is short: it works without.
    """
    if is_there() or is_refused(key) or is_off():
        return
    # UserError: of a limit of the cache that is not a size
    with suppress(OSError, MemoryError, UserError), new_cache(name_of(key), is_there) as folder:
        if _is_written(write, folder):
            (folder / CHECKSUM).write_text(str(_checksum(folder)), "utf-8")
        else:
            (folder / REFUSED).write_text(_libraries(), "utf-8")


def is_off() -> bool:
    """Whether nothing is to be compiled."""
    return os.environ.get("HANDLOOM_COMPILE", "1") in ("", "0")


def is_worth_it(key: str) -> bool:
    """Whether a network is to be compiled for the next time: where it is not yet, and this is not
    the first process that asks, which is remembered. What is asked once needs no file, and where
    nothing is kept between processes, as in a container, none is ever written."""
    folder = cache_folder() / name_of(key)
    if is_off() or is_refused(key) or kept(key) is not None:
        return False
    if folder.exists():
        return True
    with suppress(OSError, UserError), new_cache(name_of(key), folder.exists):
        pass  # an empty folder
    return False


def is_refused(key: str) -> bool:
    """Whether a network could not be compiled by the libraries that are installed."""
    try:
        return (cache_folder() / name_of(key) / REFUSED).read_text("utf-8") == _libraries()
    except (OSError, ValueError):
        return False


def _is_written(write: Callable[[Path], bool], folder: Path) -> bool:
    try:
        return write(folder)
    except (OSError, MemoryError):  # of this moment
        raise
    except Exception:  # torch raises whatever its tracer meets; the network is there without it
        return False


def _libraries() -> str:
    """The libraries that compile, with their versions."""
    return " ".join(f"{name} {_version(name)}" for name in LIBRARIES)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"


def _checksum(folder: Path) -> int:
    """CRC-32 of the files of a network. Raises OSError where they cannot be read."""
    value = 0
    for name in (FILE, WEIGHTS):
        if name == WEIGHTS and not (folder / name).exists():
            continue
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                value = zlib.crc32(block, value)
    return value
