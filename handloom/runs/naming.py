"""The place of a new run without --out: runs/JOB-DATA-N."""

import re
from contextlib import suppress
from pathlib import Path

from handloom.runs.files import writable


def next_folder(job: str, data: str) -> Path:
    """A new folder in runs/, with the next free number; also beside other processes."""
    stem = f"{job}-{slug(data)}"
    taken = [
        int(p.name[len(stem) + 1 :])
        for p in Path("runs").glob(f"{stem}-*")
        if p.name[len(stem) + 1 :].isdecimal()
    ]
    number = max(taken, default=0) + 1
    while True:  # another process may take the number first
        path = Path("runs") / f"{stem}-{number}"
        with writable(path), suppress(FileExistsError):
            path.mkdir(parents=True)
            return path
        number += 1


def slug(data: str) -> str:
    """What data are called in the name of a run: that of the first file or folder."""
    first = Path(data.split("\n")[0])
    stem = first.stem if first.suffix else first.name
    return re.sub(r"[^\w.]+", "-", stem).strip("-.") or "data"
