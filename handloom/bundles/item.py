"""What can be fetched: a set, word vectors, or weights."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from handloom.data.io.progress import ReportProgress
from handloom.runs.files import written_whole


@dataclass(frozen=True)
class Fetchable:
    """Something that is fetched by its name.

    place: of its file or folder below a data folder, which is laid out as $HANDLOOM_DATA is.
    here: where this machine has it, or None; downloads nothing. bring: (a data folder, report),
    makes it lie there, downloaded and checked where this machine does not have it; returns its
    place there. use: what to type to use it.
    """

    name: str
    kind: str
    here: Callable[[], Path | None]
    bring: Callable[[Path, ReportProgress | None], Path]
    use: str


def copy(source: Path, target: Path) -> Path:
    """A file or a folder at `target` as well: the same file where the disk can, else a copy.

    Links are followed, so that a copy of the folder elsewhere is whole. What is there stays.
    """
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.is_file():
                copy(path, target / path.relative_to(source))
        return target
    if not target.exists():
        with written_whole(target) as part:
            part.unlink()
            try:
                os.link(source.resolve(), part)
            except OSError:  # another disk, or one without links
                shutil.copyfile(source, part)
    return target
