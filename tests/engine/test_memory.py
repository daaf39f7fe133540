"""Freed memory stays with the process."""

import subprocess
import sys

import pytest

STEPS = """
import resource, sys
import torch
from handloom.engine.memory import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()

def step():
    return torch.ones(10_000_000)[0]  # 40 MB, which glibc maps anew unless told otherwise

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 20

faults()
print(faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_step_asks_the_kernel_for_no_new_pages() -> None:
    faults = {}
    for mode in ("keep", "leave"):
        command = [sys.executable, "-c", STEPS, mode]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        faults[mode] = float(done.stdout)
    assert faults["leave"] > 15  # 20 huge pages at least: otherwise there is nothing to gain
    assert faults["keep"] < 5
