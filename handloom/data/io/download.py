"""One address to one file: bounded, shown as it goes, and continued where a connection breaks."""

import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path

from handloom.data.io.progress import ReportProgress

BLOCK = 1 << 18
TIMEOUT = 30  # seconds without a byte
CONNECTIONS = 4  # the first, and three that go on where it broke
PAUSE = 0.5  # seconds before the second, doubled for each after it
SLOWEST = 1_000  # bytes a second, below which another address is better; after TIMEOUT
BROKEN = (OSError, http.client.HTTPException)


def download(url: str, target: Path, most_bytes: int, report: ReportProgress) -> None:
    """Writes what an address holds. A connection that breaks is taken up again where it stopped, if
    the server can do that, else from the start.

    Raises OSError or ValueError, with the reason: what a server answers (HTTPError), a connection
    that broke for good, more than `most_bytes`, a server too slow to wait for.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError("only http and https are followed")
    size, total, same = 0, 0, ""
    for connection in range(CONNECTIONS):
        if connection:
            time.sleep(PAUSE * 2 ** (connection - 1))
        try:
            with urllib.request.urlopen(_request(url, size, same), timeout=TIMEOUT) as source:
                size = size if _goes_on(source, size) else 0
                total = size + int(source.headers.get("Content-Length") or 0)
                same = source.headers.get("ETag") or source.headers.get("Last-Modified") or ""
                size = _receive(source, target, size, total, most_bytes, report)
        except urllib.error.HTTPError as error:
            error.close()  # it holds the connection
            raise
        except BROKEN as error:
            if connection + 1 == CONNECTIONS:
                raise
            size = target.stat().st_size if target.exists() else 0
            if not size and isinstance(error, urllib.error.URLError):
                raise  # there never was a connection
            continue
        if size >= total:
            return
    raise ValueError(f"the connection broke after {size:,} of {total:,} bytes")


def _request(url: str, size: int, same: str) -> urllib.request.Request:
    headers = {"User-Agent": "handloom"}
    if size:
        headers["Range"] = f"bytes={size}-"
        if same and not same.startswith("W/"):
            headers["If-Range"] = same  # another file by now is sent whole
    return urllib.request.Request(url, headers=headers)


def _goes_on(source: http.client.HTTPResponse, size: int) -> bool:
    """Whether the answer is what comes after the first `size` bytes."""
    place = source.headers.get("Content-Range") or ""
    return source.status == 206 and place.startswith(f"bytes {size}-")


def _receive(
    source: http.client.HTTPResponse,
    target: Path,
    size: int,
    total: int,
    most_bytes: int,
    report: ReportProgress,
) -> int:
    """Appends what comes after `size` bytes; how many there are then."""
    started, before = time.monotonic(), size
    with target.open("ab" if size else "wb") as file:
        while block := source.read1(BLOCK):
            size += len(block)
            if size > most_bytes:
                raise ValueError(f"it is larger than {most_bytes:,} bytes")
            file.write(block)
            seconds = time.monotonic() - started
            if seconds > TIMEOUT and (size - before) / seconds < SLOWEST:
                raise ValueError(f"it came at {(size - before) / seconds:.0f} bytes a second")
            report(f"downloading {target.name}", size, max(total, size))
    return size
