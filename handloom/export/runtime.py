"""ONNX files run by ONNX Runtime; imports no torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from handloom.data.io.onnx import session_of
from handloom.errors import UserError
from handloom.wording import reason

if TYPE_CHECKING:
    from handloom.jobs.program import Program

KEY = "handloom"  # of the metadata in the file
FORMAT = 1  # of what is under it
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class OnnxModel:
    """A file that `handloom export` wrote, opened.

    known: its metadata: "job", "part", "inputs", "outputs", and how an input is prepared.
    """

    path: Path
    known: dict[str, Any]
    session: Any

    def __call__(self, given: Mapping[str, Array]) -> list[Array]:
        """The outputs, in the order of the file, of inputs by name."""
        outputs: list[Array] = self.session.run(None, dict(given))
        return outputs


def open_model(path: Path) -> OnnxModel:
    """Raises UserError for a file that is not ONNX, or was not made by Handloom."""
    return model_of(path, open_session(path))


def model_of(path: Path, session: Any) -> OnnxModel:
    """A file that is open. Raises UserError where Handloom did not make it."""
    stored = session.get_modelmeta().custom_metadata_map.get(KEY)
    if stored is None:
        raise UserError(
            f"{path} was not made by 'handloom export', so how its inputs are prepared is not "
            "known: give a file that was"
        )
    known = json.loads(stored)
    if known.get("format") != FORMAT:
        raise UserError(
            f"{path} is of format {known.get('format')}, and this version reads format {FORMAT}: "
            "install a newer Handloom"
        )
    return OnnxModel(path, known, session)


def open_session(path: Path) -> Any:
    """ONNX Runtime's session on the CPU. Raises UserError where it is missing, or the file is."""
    if not path.is_file():
        raise UserError(f"{path} does not exist: 'handloom export RUN' makes one")
    if find_spec("onnxruntime") is None:  # one library of the extra, which is enough to run a file
        raise UserError(f"{path} needs onnxruntime, which is missing: pip install onnxruntime")
    try:
        return session_of(path)
    except Exception as error:  # ONNX Runtime's own kinds are not public
        raise UserError(
            f"{path} cannot be opened as ONNX ({reason(error, 160)}): export it again"
        ) from None


def runner(session: Any, program: Program) -> Callable[..., list[Array]]:
    """A session as a function of the inputs of a program, tensors in their order."""
    names = [port.name for port in program.inputs]
    return lambda *given: session.run(
        None, {name: tensor.numpy() for name, tensor in zip(names, given, strict=True)}
    )
