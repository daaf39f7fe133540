"""From a program to torch.export's graph, with free sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.export import Dim, ExportedProgram

from handloom.errors import UserError
from handloom.jobs.program import Program
from handloom.models import kernels


def traced(program: Program) -> ExportedProgram:
    """The graph of a program; sizes that have names are free.

    Raises UserError where the network cannot be written as one graph.
    """
    named = {size for port in program.inputs for size in port.shape if isinstance(size, str)}
    free = {name: Dim(name, min=1) for name in sorted(named)}
    sizes = tuple(
        {axis: free[size] for axis, size in enumerate(port.shape) if isinstance(size, str)}
        for port in program.inputs
    )
    try:
        with torch.no_grad(), plain_kernels():
            return torch.export.export(
                program.module.eval(), program.example, dynamic_shapes=sizes, strict=False
            )
    except Exception as error:  # torch raises whatever its tracer meets
        raise UserError(
            f"the {program.part} cannot be written as one graph ({short(error)}): export a run "
            "with another --network"
        ) from error


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Networks without our own kernels, which a graph cannot hold."""
    before = kernels.enabled
    kernels.enabled = False
    try:
        yield
    finally:
        kernels.enabled = before


def short(error: Exception) -> str:
    """The first sentence of an error, for another sentence."""
    return " ".join(str(error).split())[:160] or type(error).__name__
