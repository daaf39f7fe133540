"""Freed memory stays with the process."""

import subprocess
import sys

import pytest

STEPS = """
import resource
import torch
from handloom.engine.memory import keep_freed_memory

def step():
    return torch.ones(10_000_000)[0]  # 40 MB, which glibc maps anew unless told otherwise

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 20

faults()
print(faults())
keep_freed_memory()
faults()
print(faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_step_asks_the_kernel_for_no_new_pages() -> None:
    """In a process of its own, which keeps it for good."""
    command = [sys.executable, "-c", STEPS]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    left, kept = map(float, done.stdout.split())
    assert left > 15  # 20 huge pages at least: otherwise there is nothing to gain
    assert kept < 5
