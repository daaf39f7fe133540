"""A training in a process of its own that is killed, as by kill -9."""

import os
import subprocess
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
EARLY = """
import time
from handloom.cli.main import run
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.jobs.gan import evaluator_network

def start(watch, fit):
    watch._due = time.monotonic() + 0.2

Checkpoints.start = start
evaluator_network.LEAST, evaluator_network.PIXELS = 500, 1
run()
"""
"""The command line, with a first checkpoint after a fifth of a second, and an evaluator of a GAN
that is trained as by the fixture `quick_evaluator`."""


def killed_after_its_first_checkpoint(run: Path, *arguments: str) -> None:
    """Start `handloom` with these arguments, which make `run`; kill it in the steps that follow.

    It has as many threads as this process, so that both compute the same bits.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", EARLY, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())},
        cwd=ROOT,
    )
    try:
        until = time.monotonic() + 60
        while not list((run / "checkpoint").glob("*.json")):
            assert process.poll() is None, "it ended before its first checkpoint"
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.05)  # somewhere in the steps that follow
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
