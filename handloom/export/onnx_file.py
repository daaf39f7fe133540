"""Programs as ONNX files, written by torch.onnx.

The libraries are the extra `export`.
"""

from __future__ import annotations

import json
from typing import Any

from torch.export import ExportedProgram

from handloom.data.io.onnx import OPSET, quiet
from handloom.errors import UserError
from handloom.export.runtime import KEY
from handloom.export.tracing import short
from handloom.jobs.program import Port, Program

MOST_BYTES = 2_000_000_000  # of a file; a protobuf ends at 2 GiB


def onnx_file(program: Program, graph: ExportedProgram, known: dict[str, Any]) -> bytes:
    """An ONNX file, with `known` as JSON in its metadata.

    Raises UserError where an operator of the graph has no counterpart in ONNX.
    """
    model = _converted(program, graph)
    model.metadata_props[KEY] = json.dumps(known, ensure_ascii=False)
    _name_sizes(model.graph.inputs, program.inputs)
    _name_sizes(model.graph.outputs, program.outputs)
    for node in model.graph.all_nodes():
        node.metadata_props.clear()  # where in torch, and in which file of this machine
        node.doc_string = None
    import onnx_ir

    proto = onnx_ir.serde.serialize_model(model)
    if proto.ByteSize() > MOST_BYTES:
        raise UserError(
            f"the {program.part} has {proto.ByteSize() / 1e9:.1f} GB, and an ONNX file ends at "
            "2: give --format pt2"
        )
    content: bytes = proto.SerializeToString()
    return content


def _converted(program: Program, graph: ExportedProgram) -> Any:
    import torch
    from torch.onnx import OnnxExporterError

    try:
        with quiet(), torch.no_grad():
            made = torch.onnx.export(
                graph,
                input_names=[port.name for port in program.inputs],
                output_names=[port.name for port in program.outputs],
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except (OnnxExporterError, RuntimeError) as error:
        raise UserError(
            f"the {program.part} cannot be written in ONNX's operators of set {OPSET} "
            f"({short(error)}): give --format pt2, which holds every network"
        ) from error
    assert made is not None
    return made.model


def _name_sizes(values: Any, ports: tuple[Port, ...]) -> None:
    """Free sizes by our names, where torch has symbols."""
    import onnx_ir

    for value, port in zip(values, ports, strict=True):
        value.shape = onnx_ir.Shape(port.shape)
