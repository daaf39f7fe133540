"""What files are known by: a digest of their contents, read in threads."""

import hashlib
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
from handloom.search.differences import Differences
from handloom.search.records import Entry

CHUNK = 64  # files a thread reads at a time


def read_contents(root: Path, differences: Differences, report: ReportProgress) -> None:
    """Gives files that are new or changed their contents; the others are not read."""
    done, total = 0, differences.number("SELECT count(*) FROM file WHERE is_unread")
    for files in differences.unread():
        numbers = [number for number, _ in files]
        start = 0
        for part in in_chunks(partial(_contents, root), [entry for _, entry in files], CHUNK):
            differences.read(zip(numbers[start : start + CHUNK], part, strict=True))
            start += CHUNK
            done += len(part)
            report("reading", done, total)
    differences.all_read()


def is_same(root: Path, entry: Entry) -> bool:
    """Whether a file that has been embedded is still the one that was read before."""
    if entry.mtime is None:
        return with_content(root, entry).content == entry.content
    try:
        state = os.stat(os.path.join(root, entry.path))
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (entry.size, entry.mtime)


def with_content(root: Path, entry: Entry) -> Entry:
    """A file with the digest of its content, or with the reason why it cannot be read."""
    try:
        with open(os.path.join(root, entry.path), "rb") as file:
            content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError as error:
        return entry._replace(reason=error.strerror or str(error))
    return entry._replace(content=content)


def _contents(root: Path, _: int, entries: Sequence[Entry]) -> list[Entry]:
    return [with_content(root, entry) for entry in entries]
