"""What the bits of a training depend on beside its checkpoint, recorded and restored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.runs.records import Environment, Options

if TYPE_CHECKING:
    import torch


def environment(device: torch.device, precision: str) -> Environment:
    """That of this process, for config.json."""
    import torch

    return {
        "device": str(device),
        "precision": precision,
        "threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "torch": str(torch.__version__),
    }


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """A context in which torch computes with `count` threads: the order of sums depends on it."""
    import torch

    before = torch.get_num_threads()
    if count is not None and count != before:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)


@contextmanager
def determinism(wanted: bool) -> Iterator[None]:
    """A context in which torch refuses what is not repeatable bit for bit, where `wanted`."""
    import torch

    if not wanted:  # asking torch alone imports its compiler, 2 s
        yield
        return
    before = torch.are_deterministic_algorithms_enabled()
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # read when cuBLAS is first used
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]
        else:
            os.environ["CUBLAS_WORKSPACE_CONFIG"] = workspace


def restored(options: Options, recorded: Environment) -> tuple[Options, list[str]]:
    """Options with the device and precision a run had, and a sentence where something differs.

    A run goes on elsewhere, on another device or processor, but then not to the bit.
    """
    import torch

    from handloom.engine.precision import pick_device

    differences = []
    device = recorded["device"]
    try:
        pick_device(device)
    except UserError:
        differences.append(f"the run was on {device}, which this machine does not have")
        device = "auto"
    for name, before, here in (
        ("processor", recorded.get("processor"), torch.backends.cpu.get_cpu_capability()),
        ("torch", recorded.get("torch"), str(torch.__version__)),
    ):
        if before not in (None, here):
            differences.append(f"the run had {name} {before} and this machine has {here}")
    notes = [f"{'; '.join(differences)}: it goes on, but not to the bit"] if differences else []
    return options | {"device": device, "precision": recorded["precision"]}, notes
