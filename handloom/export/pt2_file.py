"""Programs as torch.export's files, which torch.export.load reads without Handloom."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.export import ExportedProgram

from handloom.data.io.onnx import quiet
from handloom.export.runtime import KEY

FILE = f"{KEY}.json"  # in the archive, beside the graph


def write_pt2(path: Path, graph: ExportedProgram, known: dict[str, Any]) -> None:
    """A .pt2 file, with `known` as JSON among its extra files.

    What it was traced with is left out: inputs, which are a user's own images or texts, and the
    lines of source, which name folders of this machine.
    """
    graph.example_inputs = None
    for node in graph.graph.nodes:
        node.meta.pop("stack_trace", None)
    with quiet():
        torch.export.save(graph, path, extra_files={FILE: json.dumps(known, ensure_ascii=False)})


def reloaded(path: Path) -> Callable[..., list[np.ndarray[Any, Any]]]:
    """The program of a file, as a function of tensors."""
    with quiet():
        module = torch.export.load(path).module()

    @torch.no_grad()
    def run(*given: Tensor) -> list[np.ndarray[Any, Any]]:
        outputs = module(*given)
        tensors = outputs if isinstance(outputs, tuple | list) else [outputs]
        return [tensor.numpy() for tensor in tensors]

    return run
