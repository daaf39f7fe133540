"""A worker whose second check ends the process, and whose third hangs."""

import os
import sys
import time
from pathlib import Path

from handloom.doctor import worker
from handloom.doctor.check import Check
from handloom.doctor.plan import Planned


def fine(_: Path) -> Check:
    print("what a library prints")
    return Check("jobs", "fine", "works", "trained")


def crash(_: Path) -> Check:
    os.write(2, b"illegal instruction")
    os._exit(3)


def hang(_: Path) -> Check:
    time.sleep(60)
    raise AssertionError


def broken(_: Path) -> Check:
    raise RuntimeError("no\nsuch operator")


PLAN = [
    Planned("jobs", function.__name__, function) for function in (fine, crash, hang, broken, fine)
]

if __name__ == "__main__":
    vars(worker)["plan"] = lambda: PLAN
    worker.main(Path(sys.argv[1]), int(sys.argv[2]))
