"""What a server costs: `handloom serve` beside the same decoding and network without one.

    python -m benchmarks.serve runs/photos-1 photos/           images, or
    python -m benchmarks.serve runs/texts-1 texts.txt          a text a line

Prints requests a second and the 99th percentile of the time of one, at 1, 8 and 64 clients that ask
again as soon as they are answered, and the share of what is reached without a server, in batches of
as many as the server answers together. --memory N: then N requests, and what server and worker
hold before and after.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from handloom.studio.batches import MOST_TOGETHER

SECONDS = 12.0  # of each measurement
CLIENTS = (1, 8, 64)
PORT = 8931


def bodies(place: Path) -> list[tuple[bytes, str]]:
    """Bodies of requests with their types."""
    if place.is_dir():
        files = sorted(p for p in place.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
        return [(file.read_bytes(), "image/jpeg") for file in files[:400]]
    lines = [line for line in place.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [json.dumps({"text": line[:5000]}).encode() for line in lines[:400]]
    return [(text, "application/json") for text in texts]


def small(given: list[tuple[bytes, str]], side: int) -> list[tuple[bytes, str]]:
    """Images as JPEGs of a side, as a shop or a phone's application would send them."""
    import io

    from PIL import Image

    made = []
    for content, kind in given:
        image = Image.open(io.BytesIO(content)).convert("RGB").resize((side, side))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90)
        made.append((buffer.getvalue(), kind))
    return made


def alone(run: Path, given: list[tuple[bytes, str]], seconds: float) -> tuple[float, float]:
    """Predictions a second without a server, in this process, and seconds of processor of each."""
    import handloom
    from handloom.studio import worker

    opened, done, place = handloom.open(run), 0, 0
    is_text = given[0][1] == "application/json"
    subjects = [json.loads(b)["text"] if is_text else b for b, _ in given]
    options: dict[str, Any] = {}

    def predict(batch: list[Any]) -> None:
        options["texts" if is_text else "images"] = batch
        worker.predict(opened, **options)

    predict(subjects[:MOST_TOGETHER])
    began, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        batch = [subjects[(place + i) % len(subjects)] for i in range(MOST_TOGETHER)]
        predict(batch)
        done, place = done + len(batch), place + len(batch)
    return done / (time.perf_counter() - began), (time.process_time() - used) / done


async def client(port: int, given: list[tuple[bytes, str]], first: int, until: Any,
                 times: list[float]) -> None:  # fmt: skip
    """One connection that asks again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = first
    while until():
        content, kind = given[number % len(given)]
        head = (f"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: {kind}\r\n"
                f"content-length: {len(content)}\r\n\r\n")  # fmt: skip
        began = time.perf_counter()
        writer.write(head.encode() + content)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        assert length is not None
        body = await reader.readexactly(int(length[1]))
        assert b" 200 " in answer, body
        times.append(time.perf_counter() - began)
        number += 1
    writer.close()


def load(port: int, given: list[tuple[bytes, str]], clients: int, seconds: float) -> list[float]:
    """Times of the requests that `clients` made."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def every() -> None:
        step = max(1, len(given) // clients)
        asked = (client(port, given, i * step, lambda: time.perf_counter() < end, times)
                 for i in range(clients))  # fmt: skip
        await asyncio.gather(*asked)

    asyncio.run(every())
    return times


@contextmanager
def answering(command: list[str], port: int, sent: list[tuple[bytes, str]]) -> Iterator[int]:
    """A server in a process of its own, whose number is given once it answers."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert process.poll() is None, f"the server ended by {process.returncode}"
            try:
                load(port, sent, 1, 1.0)
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def processor(process: int) -> float:
    """Seconds of processor that a process and its children have used."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(int(child)) for child in children)


def memory(process: int) -> int:
    """Bytes that a process and its children hold."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(memory(int(child)) for child in children)


def measure(
    server: int, sent: list[tuple[bytes, str]], clients: int, seconds: float, without: float,
    cost: float,
) -> None:  # fmt: skip
    """Print a line of the table. without, cost: rate and processor time without a server."""
    used = processor(server)
    times = sorted(load(PORT, sent, clients, seconds))
    used = (processor(server) - used) / len(times)
    rate, median, last = len(times) / seconds, times[len(times) // 2], times[int(0.99 * len(times))]
    print(
        f"{clients:3} clients         {rate:8.1f} a second, {100 * rate / without:5.1f} %, median "
        f"{1000 * median:.1f} ms, p99 {1000 * last:.1f} ms; {1000 * used:.2f} ms of processor, "
        f"{100 * cost / used:.1f} % of it decoding and network"
    )


def watch_memory(server: int, sent: list[tuple[bytes, str]], count: int) -> None:
    """Print what server and worker hold before and after so many requests."""
    held, done, began = memory(server), 0, time.perf_counter()
    while done < count:
        done += len(load(PORT, sent, 64, 5.0))
    seconds, now = time.perf_counter() - began, memory(server)
    print(f"{done:,} requests in {seconds:.0f} s: {held >> 20} MiB before, {now >> 20} MiB after")


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--memory", type=int, default=0)
    given = parser.parse_args()
    sent = bodies(given.data)
    if sent[0][1] == "image/jpeg":
        sent = small(sent, given.side)
    print(f"{len(sent)} bodies of {sum(len(b) for b, _ in sent) / len(sent) / 1024:.1f} KiB")
    without, cost = alone(given.run, sent, given.seconds)
    print(f"without a server      {without:8.1f} a second, {1000 * cost:.2f} ms of processor each")
    command = [sys.executable, "-m", "handloom", "serve", str(given.run), "--port", str(PORT)]
    with answering(command, PORT, sent) as process:
        for clients in CLIENTS:
            measure(process, sent, clients, given.seconds, without, cost)
        if given.memory:
            watch_memory(process, sent, given.memory)


if __name__ == "__main__":
    main()
