"""All checks, each in a process that may crash: what crashed is a line like any other."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

from handloom.doctor.check import Check
from handloom.doctor.plan import Planned, plan

WORKER = "handloom.doctor.worker"
MOST_SECONDS = 120.0  # of one check
LEFT_OUT = 300  # characters at the end of what a crashed process printed that are shown


def examine(most_seconds: float = MOST_SECONDS) -> Iterator[Check]:
    """Every check of the plan, as it is done. Nothing is downloaded."""
    planned, done = plan(), 0
    with tempfile.TemporaryDirectory(prefix="handloom-doctor-") as folder:
        while done < len(planned):
            with (
                tempfile.TemporaryFile() as errors,
                _running(Path(folder), done, errors) as process,
            ):
                for line in _lines(process, most_seconds):
                    done += 1
                    yield Check(**json.loads(line))
                status = process.wait()
                if done < len(planned):
                    yield _crashed(planned[done], status, errors)
                    done += 1


@contextmanager
def _running(folder: Path, start: int, errors: IO[bytes]) -> Iterator["subprocess.Popen[str]"]:
    """The process of the checks from `start` on; it ends with us, also after Ctrl-C."""
    command = [sys.executable, "-m", WORKER, str(folder), str(start)]
    # Networks this small are no faster on two threads, and on a busy machine ten times as slow.
    settings = {"HANDLOOM_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8",
        env=os.environ | settings,
    ) as process:  # fmt: skip
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def _lines(process: "subprocess.Popen[str]", most_seconds: float) -> Iterator[str]:
    """Lines as they come; the process is ended where one takes too long."""
    assert process.stdout is not None
    with process.stdout:
        while True:
            timer = Timer(most_seconds, process.kill)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line.endswith("\n"):
                return
            yield line


def _crashed(planned: Planned, status: int, errors: IO[bytes]) -> Check:
    errors.seek(0)
    printed = " ".join(errors.read().decode(errors="replace").split())[-LEFT_OUT:]
    why = f"signal {-status}" if status < 0 else f"status {status}"
    text = f"the process ended with {why}, or took too long" + (f" ({printed})" if printed else "")
    return Check(planned.group, planned.name, "failed", text)
