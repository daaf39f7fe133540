"""Content hashes: of files, remembered while a file is unchanged, and of images."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import cache_folder
from handloom.runs.files import written_whole

if TYPE_CHECKING:
    from torch import Tensor

SETTLED = 2_000_000_000  # nanoseconds: younger than that, a file may change within one clock tick
BLOCK = 1 << 16  # bytes read at a time; `hashlib.file_digest` fills 256 KB of new memory a file
CHUNK = 64  # files a thread reads at a time
Known = dict[str, tuple[int, int, str]]  # name: (size, mtime in nanoseconds, digest)


def file_digests(root: Path, paths: Sequence[Path], report: ReportProgress) -> list[str]:
    """blake2b of each file's content, 32 hexadecimal digits, "" for a file that cannot be read.

    A file whose size and time of change are those of the last visit is not read again.
    """
    side = cache_folder() / "digests" / f"{_hex(str(root.resolve()).encode())}.json"
    known, names = _remembered(side), [os.fspath(path) for path in paths]
    states = [_state(name) for name in names]
    digests = {
        name: known[name][2]
        for name, state in zip(names, states, strict=True)
        if name in known and known[name][:2] == state
    }
    unread = [name for name in names if name not in digests]
    for start, values in enumerate(in_chunks(lambda _, part: _content(part), unread, CHUNK)):
        digests.update(zip(unread[start * CHUNK :], values, strict=False))
        report("reading", min((start + 1) * CHUNK, len(unread)), len(unread))
    if unread or len(known) != len(digests):
        _remember(
            side, {name: (*state, digests[name]) for name, state in zip(names, states, strict=True)}
        )
    return [digests[name] for name in names]


def digest(*texts: str) -> str:
    """blake2b over texts, 32 hexadecimal digits."""
    return _hex(json.dumps(texts).encode())


def image_digest(image: Tensor, label: Tensor | None) -> str:
    """blake2b over shape, labels and every image: 0.1 s for the 47 MB of MNIST."""
    return array_digest(image.numpy(), None if label is None else label.numpy())


def array_digest(image: np.ndarray[Any, Any], label: np.ndarray[Any, Any] | None = None) -> str:
    """As `image_digest`, of arrays."""
    known = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    if label is not None:
        known.update(label.tobytes())
    for start in range(0, len(image), CHUNK * CHUNK):
        known.update(np.ascontiguousarray(image[start : start + CHUNK * CHUNK]).data)
    return known.hexdigest()


def _state(name: str) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds."""
    try:
        stat = os.stat(name)
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def _content(names: Sequence[str]) -> list[str]:
    return [_file_digest(name) for name in names]


def _file_digest(name: str) -> str:
    try:
        with open(name, "rb", buffering=0) as file:
            known = hashlib.blake2b(digest_size=16)
            while part := file.read(BLOCK):
                known.update(part)
            return known.hexdigest()
    except OSError:
        return ""


def _remembered(side: Path) -> Known:
    try:
        entries = json.loads(side.read_text("utf-8"))
        return {
            str(name): (int(size), int(at), str(value))
            for name, (size, at, value) in entries.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(side: Path, entries: Known) -> None:
    now = time.time_ns()
    settled = {
        name: entry for name, entry in entries.items() if entry[2] and now - entry[1] > SETTLED
    }
    with suppress(OSError), written_whole(side) as part:  # a shortcut only: may be missing
        part.write_text(json.dumps(settled), "utf-8")


def _hex(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
