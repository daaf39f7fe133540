"""Files written whole: after a crash or on a full disk the old one or the new one is there."""

import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handloom.errors import UserError

DAY = 86_400  # seconds
READ = 5.0  # seconds that another process may read a file that is replaced
REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` at the end, or nothing if something is raised.

    Folders that are missing are made. The file gets the permissions that the umask gives.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_beside(target)
    part.touch(exist_ok=False)
    try:
        yield part
        _replace(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is safely on the disk before it takes the place of an older one.

    Folders that are missing are made. Raises UserError where the disk is full or not writable.
    """
    with writable(path), written_whole(path) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def append_line(path: Path, line: str) -> None:
    """Append a line, on a line of its own where a killed process left the last one half-written.

    Raises UserError where the disk is full or not writable.
    """
    with writable(path.parent), path.open("a+b") as file:
        is_half = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            is_half = file.read(1) != b"\n"
        file.write(b"\n" * is_half + line.encode() + b"\n")


def synchronize(path: Path) -> None:
    """Return when what was appended is safely on the disk."""
    if path.exists():
        with writable(path), path.open("r+b") as file:  # Windows wants to be able to write
            os.fsync(file.fileno())


def _replace(part: Path, target: Path) -> None:
    """Puts a part in its place. Windows refuses while another process reads what is there, as the
    studio does for a moment: it is tried again until that has ended."""
    until = time.monotonic() + READ
    while True:
        try:
            os.replace(part, target)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def part_beside(target: Path) -> Path:
    """A free name in the folder of `target`, for what is not complete yet."""
    return target.with_name(f".part-{secrets.token_hex(8)}")


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left incomplete in `folder`: parts untouched for a day."""
    for part in folder.glob(".part-*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > DAY:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Raise a failure to write to `path` as a UserError with the reason and its remedy."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot write to {path} ({reason}): {_remedy(path, error)}") from None


def _remedy(path: Path, error: OSError) -> str:
    if error.errno in FULL:
        return "free some space, or choose another place; what was saved before is whole"
    file = next((parent for parent in path.parents if parent.is_file()), None)
    if file is not None:
        return f"{file} is a file, not a folder; choose another place"
    if error.errno in REFUSED:
        return "allow writing there, or choose another place"
    if not path.parent.is_dir():
        return f"make the folder {path.parent} first, or choose another place"
    if isinstance(error, IsADirectoryError):
        return "it is a folder; name a file in it"
    return "allow writing there, or choose another place"
