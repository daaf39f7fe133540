"""What the studio's own process costs: its start, its memory, and a table of many runs.

    python -m benchmarks.studio [--runs 1000]

Every second run has a vocabulary in its config.json, as those of text classifiers have. Prints
seconds of processor until it listens and megabytes held; of the table those of the first look, of
one at which nothing has changed, and of ones after 1, 10 and 100 runs have changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.arguments import parser_of
from handloom.studio.folder import Folder
from handloom.studio.table import RunsTable

START = """
import resource, sys, time
from handloom.cli.main import main
from handloom.studio import server
def serve(app, listener, ready):
    import uvicorn
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{used.ru_utime + used.ru_stime:.2f} s of processor, {used.ru_maxrss / 1024:.0f} MiB")
server.serve = serve
main(["studio", sys.argv[1], "--no-browser", "--port", "0"])
"""


WORDS = 17_000  # that a text classifier of 10,000 reviews knows


def make_runs(root: Path, count: int) -> None:
    """Finished runs of a classifier, with 20 lines of metrics each."""
    vocabulary = {f"word{number}": number for number in range(WORDS)}
    for number in range(count):
        path = root / "runs" / f"classifier-digits-{number}"
        path.mkdir(parents=True)
        options = {f"option_{i}": (number * i) % 3 for i in range(40)} | {"network": "resnet"}
        config = {
            "format": 2,
            "job": "classifier",
            "data": "digits",
            "epochs": 20,
            "created": "2026-11-27T10:00:00+00:00",
            "options": options,
        }
        lines = [{"epoch": n + 1, "seconds": n / 2, "valid/accuracy": n / 20} for n in range(20)]
        config |= {"tokenizer": vocabulary} if number % 2 else {}
        (path / "config.json").write_text(json.dumps(config))
        (path / "status.json").write_text('{"status": "finished"}')
        (path / "evaluation.json").write_text('{"accuracy": 0.9, "interval": [0.8, 0.95]}')
        (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def change(root: Path, count: int) -> None:
    """Give some of the runs another metric."""
    for number in range(count):
        path = root / "runs" / f"classifier-digits-{number}" / "evaluation.json"
        path.write_text(json.dumps({"accuracy": 0.95 - count / 1000}))


def main() -> None:
    """Print the figures."""
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    count = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        done = subprocess.run([sys.executable, "-c", START, folder], capture_output=True, text=True)
        print(f"start: {done.stdout.strip() or done.stderr}")
        make_runs(root, count)
        table, version = RunsTable(Folder(root)), 0
        for changed in (count, 0, 1, 10, 100):
            if version:
                change(root, changed)
            began = time.process_time()
            sent = table.since(version)
            seconds, version = time.process_time() - began, sent["version"]
            assert len(sent["rows"]) == changed
            print(f"{count} runs, {changed} of them new or changed: {seconds:.3f} s of processor")


if __name__ == "__main__":
    main()
