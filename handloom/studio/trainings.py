"""Trainings as processes of their own: started, stopped as Ctrl-C does, and resumed.

They are what a person would start in a terminal, with the folder as the current one, and go on when
the studio ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from handloom.data.io.within import WITHIN
from handloom.errors import UserError
from handloom.runs.directory import RunDirectory
from handloom.runs.naming import slug
from handloom.studio.folder import Folder
from handloom.studio.forms import command, words

MOST_AT_ONCE = 4  # trainings that the studio started and that are running
LAST = 4_000  # bytes of what a training printed that are shown
STOP: int = signal.SIGINT
GROUP = 0  # of creationflags
if sys.platform == "win32":  # SIGINT would end a process there at once; a group takes Ctrl-Break
    STOP, GROUP = signal.CTRL_BREAK_EVENT, subprocess.CREATE_NEW_PROCESS_GROUP


class Training(NamedTuple):
    """A process that was started. log: the file of what it prints."""

    run: str
    process: subprocess.Popen[bytes]
    log: Path


class Trainings:
    """The trainings that were started from the page."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._started: dict[str, Training] = {}
        self._logs = tempfile.TemporaryDirectory(prefix="handloom-", ignore_cleanup_errors=True)

    def start(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        """Start a training. Returns the name of its run and the command line."""
        typed = words(self.folder, wanted)
        run = self._free(f"{wanted['job']}-{slug(str(wanted['data']))}")
        typed = [*typed, "--out", run]
        self._launch(run, typed)
        return {"run": run, "command": command(typed)}

    def resume(self, run: str) -> dict[str, str]:
        """Go on with a run that was stopped or killed."""
        directory = RunDirectory.open(self.folder.run(run))
        if directory.is_being_written():
            raise UserError(f"'{run}' is being trained already")
        self._launch(run, ["resume", run])
        return {"run": run, "command": command(["resume", run])}

    def stop(self, run: str) -> None:
        """Ask the process that trains a run to stop after its step, as Ctrl-C does."""
        path = self.folder.run(run)
        number = RunDirectory.open(path).writer()
        if number is None:
            raise UserError(f"'{run}' is not being trained, or by a process that is not known")
        try:
            os.kill(number, STOP)
        except OSError as error:
            raise UserError(
                f"the process {number} cannot be stopped from here ({error.strerror}): press "
                "Ctrl-C where it was started"
            ) from None

    def log(self, run: str) -> dict[str, Any]:
        """What a training that was started here has printed last, how it ended, and whether its run
        is there."""
        has_run = self._has_run(run)
        training = self._started.get(run)
        if training is None:
            return {"text": "", "status": None, "has_run": has_run}
        with training.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LAST))
            text = file.read().decode("utf-8", "replace")
        return {"text": text, "status": training.process.poll(), "has_run": has_run}

    def _has_run(self, run: str) -> bool:
        try:
            self.folder.run(run)
        except UserError:
            return False
        return True

    def close(self) -> None:
        """Forget the logs; what is running goes on."""
        self._logs.cleanup()

    def _launch(self, run: str, typed: list[str]) -> None:
        before = self._started.get(run)
        if before is not None:
            before.process.wait(timeout=60)  # it has let go of the run, and is about to end
        running = sum(each.process.poll() is None for each in self._started.values())
        if running >= MOST_AT_ONCE:
            raise UserError(f"{running} trainings are running: wait for one, or stop one")
        log = Path(self._logs.name) / f"{len(list(Path(self._logs.name).iterdir()))}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "handloom", *typed],
                cwd=self.folder.root, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True, creationflags=GROUP, env=environment(self.folder),
            )  # fmt: skip
        self._started[run] = Training(run, process, log)

    def _free(self, stem: str) -> str:
        """A name that no run has: in runs/, unless the folder is that itself."""
        inside = "" if self.folder.root.name == "runs" else "runs/"
        number = 1
        while self._is_taken(f"{inside}{stem}-{number}"):
            number += 1
        return f"{inside}{stem}-{number}"

    def _is_taken(self, run: str) -> bool:
        return run in self._started or (self.folder.root / run).exists()


def environment(folder: Folder) -> dict[str, str]:
    """As ours, with the folders that modules come from in full, since the current one is another,
    and those that tables may name files in."""
    paths = [str(Path(path).resolve()) for path in sys.path if path]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1",
        WITHIN: os.pathsep.join(folder.places),
    }  # fmt: skip
