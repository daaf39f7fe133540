"""Ctrl-C: everything is saved, the way to go on is said, and the exit status is 130."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from handloom.engine.callbacks.interrupt import stop_on_signal
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.runs.directory import RunDirectory

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no kill for one process")


class Kill(Callback):
    """Sends a signal to this process, once."""

    def __init__(self, number: int) -> None:
        self.number = number

    def step(self, fit: Fit) -> None:
        if fit.progress.step == 2:
            os.kill(os.getpid(), self.number)


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_and_the_second_kills(
    build: Callable[..., Experiment], number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    fit = Fit(build(50), [Kill(number)])
    with stop_on_signal(fit):
        assert signal.getsignal(number) != before
        fit.run()
        assert signal.getsignal(number) == before  # the next one is not caught
    assert fit.progress.interrupted
    assert fit.progress.step in (2, 3)
    assert signal.getsignal(number) == before


@posix
def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = "train classifier digits --network cnn --epochs 5000 --out"
    process = subprocess.Popen(
        [sys.executable, "-m", "handloom", *command.split(), str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[3],
    )
    try:
        until = time.monotonic() + 60
        while not list(out.glob("checkpoint/*.json")):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert f"handloom resume {out}" in said.decode()
    assert "Traceback" not in said.decode()
    run = RunDirectory.open(out)
    assert run.status()["status"] == "stopped"
    found = run.checkpoint()
    assert found is not None
    assert found[2] == []
    assert run.metrics()[-1]["epoch"] == found[1]["epoch"]
