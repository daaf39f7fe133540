"""The lock of a run directory, which keeps a second writer away, and the process that holds it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handloom.errors import UserError
from handloom.runs.files import writable

LOCK, WRITER = ".lock", ".writer"
WAIT = 2.0  # seconds to wait for a lock


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the operating system releases it when the process dies.

    Waits briefly, since `is_held` takes the lock for a moment. Raises UserError where another
    process writes.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=WAIT)
    with writable(folder):
        try:
            lock.acquire()
        except Timeout:
            raise UserError(
                f"{folder} is being written by another process: wait for it, or use another run"
            ) from None
    try:
        (folder / WRITER).write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        with suppress(PermissionError):  # of Windows, while another process reads it
            (folder / WRITER).unlink(missing_ok=True)
        lock.release()


def is_held(folder: Path) -> bool:
    """Whether a process holds the lock, or may hold it; writes nothing."""
    from filelock import FileLock, Timeout

    path = folder / LOCK
    if not path.exists():  # taking it would make the file
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):  # held, or in a folder that is not ours to write in
        return True
    lock.release()
    return False


def writer(folder: Path) -> int | None:
    """The number of the process that holds the lock; None where none does, or it is not known."""
    try:
        number = int((folder / WRITER).read_text("ascii"))
    except (OSError, ValueError):
        return None
    return number if number > 1 and is_held(folder) else None
