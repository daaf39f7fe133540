"""Writing files so that a crash or a full disk leaves the old one or the new one, whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handloom.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, sync, rename: a reader sees the old file or the new one, never a half.

    Folders that are missing are made. Raises UserError where the disk is full or not writable.
    """
    temporary = path.with_name(path.name + ".tmp")
    with full_disk(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """TrainStep a full or unwritable disk into one sentence."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise UserError(
            f"cannot write to {path} ({error.strerror or error}): free some space or choose "
            "another --out; what was saved before is whole"
        ) from None
