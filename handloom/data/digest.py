"""Content hashes: of files, remembered while a file is unchanged, and of pictures."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from torch import Tensor

from handloom.data.pictures import Report
from handloom.data.storage import cache_folder, written_whole

SETTLED = 2_000_000_000  # nanoseconds: younger than that, a file may change within one clock tick
SAMPLED = 1_000
Known = dict[str, tuple[int, int, str]]  # name: (size, mtime in nanoseconds, digest)


def file_digests(root: Path, paths: Sequence[Path], report: Report) -> list[str]:
    """blake2b of each file's content, 32 hexadecimal digits, "" for a file that cannot be read.

    A file whose size and time of change are those of the last visit is not read again.
    """
    side = cache_folder() / "digests" / f"{_hex(str(root.resolve()).encode())}.json"
    known = _remembered(side)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        entries = []
        for entry in pool.map(lambda path: _entry(path, known.get(str(path))), paths, chunksize=64):
            entries.append(entry)
            if len(entries) % 256 == 0 or len(entries) == len(paths):
                report("reading", len(entries), len(paths))
    now = time.time_ns()
    fresh = {
        str(path): entry
        for path, entry in zip(paths, entries, strict=True)
        if entry[2] and now - entry[1] > SETTLED
    }
    if fresh != known:
        with suppress(OSError), written_whole(side) as part:  # a shortcut only: may be missing
            part.write_text(json.dumps(fresh))
    return [entry[2] for entry in entries]


def digest(*parts: str) -> str:
    """blake2b over texts, 32 hexadecimal digits."""
    return _hex(json.dumps(parts).encode())


def picture_digest(image: Tensor, label: Tensor | None) -> str:
    """blake2b over shape, all labels, and about 1,000 pictures spread evenly: cheap for any set."""
    sample = image[:: max(1, len(image) // SAMPLED)].contiguous()
    known = b"" if label is None else label.contiguous().numpy().tobytes()
    return _hex(repr(tuple(image.shape)).encode() + known + sample.numpy().tobytes())


def _entry(path: Path, known: tuple[int, int, str] | None) -> tuple[int, int, str]:
    try:
        stat = path.stat()
        if known is not None and tuple(known[:2]) == (stat.st_size, stat.st_mtime_ns):
            return known
        with path.open("rb") as file:
            content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
        return stat.st_size, stat.st_mtime_ns, content.hexdigest()
    except OSError:
        return 0, 0, ""


def _remembered(side: Path) -> Known:
    try:
        entries = json.loads(side.read_text())
        return {
            str(name): (int(size), int(at), str(value))
            for name, (size, at, value) in entries.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _hex(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
