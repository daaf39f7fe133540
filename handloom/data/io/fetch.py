"""Downloads of published files: bounded, verified by md5, and whole or not there at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.data.io.download import BLOCK, BROKEN, download
from handloom.data.io.storage import is_offline
from handloom.errors import UserError
from handloom.runs.files import written_whole
from handloom.wording import reason

if TYPE_CHECKING:
    from handloom.data.io.progress import ReportProgress

FAILURES = (*BROKEN, ValueError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Remote:
    """A file to download: where from (the first that works), its md5, and what it unpacks to.

    `sha256`, the beginning of that digest, is checked in place of an md5 that is empty.
    `unpacks` is a path below the folder that is there once all is done: a `.gz` becomes that file,
    `.tar.gz`, `.tgz` and `.zip` hold it.
    """

    urls: tuple[str, ...]
    md5: str
    most_bytes: int
    unpacks: str
    sha256: str = ""

    @property
    def file(self) -> str:
        """The name of the file to download."""
        return self.urls[0].rsplit("/", 1)[1]


def fetch(remote: Remote, folder: Path, report: ReportProgress | None) -> None:
    """Downloads and unpacks into `folder`, unless that is done; an archive lying there will do.

    $HANDLOOM_MIRROR, a URL that serves the files under their own names, is tried first. Without
    `report` a bar is drawn on a terminal. Raises UserError, and leaves nothing behind, where no
    address works, or $HANDLOOM_OFFLINE is set.
    """
    if (folder / remote.unpacks).exists():
        return
    mirror = os.environ.get("HANDLOOM_MIRROR")
    urls = ([f"{mirror.rstrip('/')}/{remote.file}"] if mirror else []) + list(remote.urls)
    reasons = []
    with _shown(remote.file, report) as shown:
        if (folder / remote.file).exists():
            try:
                _unpack_checked(folder / remote.file, remote, folder)
                return
            except FAILURES as error:
                reasons.append(f"{folder / remote.file}: {_reason(error)}")
        for url in [] if is_offline() else urls:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part:
                    archive = Path(part) / remote.file
                    download(url, archive, remote.most_bytes, shown)
                    _unpack_checked(archive, remote, folder)
                return
            except FAILURES as error:
                reasons.append(f"{url}: {_reason(error)}")
    if is_offline():
        reasons.append("$HANDLOOM_OFFLINE is set")
    raise UserError(
        f"{remote.file} could not be downloaded ({'; '.join(reasons)}): get it elsewhere and put "
        f"it into '{folder}', or set HANDLOOM_DATA to where the set is"
    )


def _unpack_checked(archive: Path, remote: Remote, folder: Path) -> None:
    """Puts what an archive holds into its place in one move, if the digest is right."""
    with archive.open("rb") as file:
        kind = "sha256" if remote.sha256 else "md5"
        digest = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False))
    expected = remote.sha256 or remote.md5
    if digest.hexdigest()[: len(expected)] != expected:
        raise ValueError(f"its {kind} is {digest.hexdigest()}, not {expected}")
    target = folder / remote.unpacks
    if archive.suffix == ".gz" and not archive.name.endswith(".tar.gz"):
        with written_whole(target) as part, gzip.open(archive) as source, part.open("wb") as out:
            shutil.copyfileobj(source, out, BLOCK)
    elif archive.name.endswith((".tar.gz", ".tgz", ".zip")):
        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as inside:
            if archive.suffix == ".zip":
                with zipfile.ZipFile(archive) as zipped:
                    # What is asked for alone: GloVe's archive holds 2 GB of other widths.
                    top = remote.unpacks.split("/")[0]
                    names = [n for n in zipped.namelist() if n.split("/")[0] == top]
                    zipped.extractall(inside, names)  # drops "..", drive letters, leading slashes
            else:
                with tarfile.open(archive) as tar:
                    _untar(tar, Path(inside).resolve())
            os.replace(Path(inside) / remote.unpacks, target)
    else:
        os.replace(archive, target)


def _untar(tar: tarfile.TarFile, folder: Path) -> None:
    """The regular files of an archive alone, no links. Raises ValueError where one would lie
    outside. (tarfile's own filter is absent from Python 3.11.0 to 3.11.3.)"""
    for entry in tar:
        target = (folder / entry.name).resolve()
        if not target.is_relative_to(folder):
            raise ValueError(f"it holds '{entry.name}', which would lie outside of it")
        source = tar.extractfile(entry) if entry.isfile() else None
        if source is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            with source, target.open("wb") as out:
                shutil.copyfileobj(source, out, BLOCK)


@contextmanager
def _shown(name: str, report: ReportProgress | None) -> Iterator[ReportProgress]:
    if report is not None:
        yield report
    elif not sys.stderr.isatty():
        yield lambda what, done, total: None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

        columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(f"downloading {name}")
            yield lambda what, done, total: progress.update(task, completed=done, total=total)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answer {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"no connection ({error.reason})"
    return reason(error)
