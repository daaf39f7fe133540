"""From a program to torch.export's graph, with free sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.export import Dim, ExportedProgram

from handloom.data.io.onnx import quiet, without_inplace
from handloom.errors import UserError
from handloom.jobs.program import Program
from handloom.models import kernels
from handloom.wording import reason


def traced(program: Program, format: str) -> ExportedProgram:
    """The graph of a program for a format; sizes that have names are free.

    Raises UserError where the network cannot be written as one graph.
    """
    named = {size for port in program.inputs for size in port.shape if isinstance(size, str)}
    free = {name: Dim(name, min=1, max=program.limits.get(name)) for name in sorted(named)}
    sizes = tuple(
        {axis: free[size] for axis, size in enumerate(port.shape) if isinstance(size, str)}
        for port in program.inputs
    )
    module = program.module if program.written is None else program.written(format)
    # Files are for answers alone: with weights that take gradients, every call of a scan first
    # traces its backward pass: ten times as long where nobody wrote torch.no_grad().
    module.requires_grad_(False)
    without_inplace(module)
    # Files keep weights as they are read.
    module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    try:
        with torch.no_grad(), plain_kernels(), quiet():
            return torch.export.export(
                module.eval(), program.example, dynamic_shapes=sizes, strict=False
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
    """The operator an error is about, or its first words, for a sentence."""
    operators = re.findall(r"torch\.ops\.([\w.]+)", str(error))
    return operators[-1] if operators else reason(error, 160)
