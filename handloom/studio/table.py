"""The table of all runs of a folder, which reads again only what has changed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.runs.directory import RunDirectory
from handloom.runs.overview import damaged, side_by_side, summary
from handloom.runs.records import RunRow
from handloom.studio.folder import Folder

FILES = ("config.json", "status.json", "metrics.jsonl", "evaluation.json", "trials.jsonl")
OPEN = ("running", "killed", "trained")  # states that end without a file changing
MOST_DIFFERENCES = 8  # of a run, that are sent

Signature = tuple[tuple[int, int] | None, ...]


class TableRow(NamedTuple):
    """A row as it is sent, what it was made of, and the version of the table in which it last
    changed."""

    content: dict[str, Any]
    record: RunRow
    version: int


class RunsTable:
    """Rows by the names of runs; `since` gives those that changed. Usable from several threads."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._first = self.version = time.time_ns() // 1_000_000
        self._summaries: dict[str, tuple[Signature, RunRow]] = {}
        self._rows: dict[str, TableRow] = {}
        self._removed: dict[str, int] = {}  # names, and the version in which they were removed
        self._lock = threading.Lock()

    def since(self, version: int) -> dict[str, Any]:
        """{"version", "rows" that changed after `version`, "removed" names, "total"}.

        A version of another server's, or of none (0), gets all rows and "whole": True. Versions
        begin at the time in ms, so that those of a server before this one are lower.
        """
        with self._lock:
            self._look()
            whole = not self._first <= version <= self.version
            rows = [r.content for r in self._rows.values() if whole or r.version > version]
            return {
                "version": self.version,
                "whole": whole,
                "rows": rows,
                "removed": sorted(name for name, at in self._removed.items() if at > version),
                "total": len(self._rows),
            }

    def _look(self) -> None:
        self.folder.look()
        is_new = self._read_changed()
        if not is_new and set(self._summaries) == set(self._rows):
            return
        ordered = sorted(
            (record.copy() for _, record in self._summaries.values()),
            key=lambda record: record["created"],
        )
        records = side_by_side(ordered, self.folder.root)
        self.version += 1
        rows = {}
        for record in flattened(records):
            row = self._row(record)
            rows[row.content["run"]] = row
        self._removed |= dict.fromkeys(self._rows.keys() - rows.keys(), self.version)
        self._removed = {name: at for name, at in self._removed.items() if name not in rows}
        self._rows = rows

    def _read_changed(self) -> bool:
        changed, summaries = False, {}
        for name in self.folder.runs:
            path = self.folder.root / name
            signature, known = signed(path), self._summaries.get(name)
            is_open = known is not None and known[1]["status"] in OPEN
            if known is None or known[0] != signature or is_open:
                record = self._summary(name)
                if record["status"] == "damaged" and signature[1] is None:
                    continue  # another program's config.json
                changed |= known is None or known[1] != record
                known = (signature, record)
            summaries[name] = known
        changed |= len(summaries) != len(self._summaries)
        self._summaries = summaries
        return changed

    def _summary(self, name: str) -> RunRow:
        """As `summary` gives it; a run whose files are links to outside is not read, nor one whose
        name no address can have."""
        try:
            name.encode()
            return summary(RunDirectory(self.folder.run(name)))
        except UnicodeEncodeError:
            reason = "the name of its folder is not UTF-8: rename it"
        except UserError as error:
            reason = str(error)
        return damaged(RunDirectory(self.folder.root / name), reason)

    def _row(self, record: RunRow) -> TableRow:
        """The row of a record: the one before where nothing in it is new."""
        name = os.path.relpath(record["run"], self.folder.root).replace(os.sep, "/")
        known = self._rows.get(name)
        if known is not None and known.record == record and record["status"] != "running":
            return known
        content = self._content(name, record)
        is_same = known is not None and known.content == content
        return TableRow(content, record, known.version if known and is_same else self.version)

    def _content(self, name: str, record: RunRow) -> dict[str, Any]:
        path = Path(record["run"])
        row: dict[str, object] = {
            "run": name,
            "metric": main_metric(record),
            "differs": [
                f"{name} {_shown(value)}"
                for name, value in list(record["differs"].items())[:MOST_DIFFERENCES]
            ],
        }
        names = ("job", "data", "status", "reason", "epochs", "planned", "minutes", "created")
        row |= {name: value for name, value in record.items() if name in names}
        if record["status"] == "running":
            row |= pace(RunDirectory(path), record)
        return row


def flattened(records: list[RunRow]) -> list[RunRow]:
    """Repeated runs one by one, where they stand together."""
    rows = list[RunRow]()
    for record in records:
        members = record.get("runs")
        rows += [member | {"differs": {}} for member in members] if members else [record]
    return rows


def signed(path: Path) -> Signature:
    """Time of change in ns and size of the files that a row is made of."""
    return tuple(map(_stamp, (os.path.join(path, name) for name in FILES)))


def main_metric(record: RunRow) -> dict[str, Any] | None:
    """The first metric of its job that a run has: name, value, text, and its 95 % interval."""
    if record["job"] not in JOBS:
        return None
    metrics = record["metrics"]
    for name, show in find_job(record["job"]).metrics.items():
        if name in metrics:
            ends = [
                metrics[f"{name}_{end}"] for end in ("low", "high") if f"{name}_{end}" in metrics
            ]
            interval = " – ".join(map(show, record.get("interval", ends)))
            return {"name": name, "value": metrics[name], "text": show(metrics[name]),
                    "interval": interval}  # fmt: skip
    return None


def pace(run: RunDirectory, record: RunRow) -> dict[str, Any]:
    """Of a running one: examples a second of the last epoch, and seconds left by the mean."""
    try:
        lines = run.metrics()
    except UserError:
        return {}
    if not lines:
        return {}
    last, planned = lines[-1], record["planned"] or 0
    left = last.get("seconds", 0.0) / max(last["epoch"], 1) * max(planned - last["epoch"], 0)
    return {"rate": last.get("samples_per_second"), "left": round(left, 1)}


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
