"""ONNX files: which operators they are written in, in silence, and how ONNX Runtime runs them."""

import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

OPSET = 18  # of ONNX: what ONNX Runtime has read since 1.14, of 2023


def without_inplace(network: "nn.Module") -> None:
    """Layers that overwrite their inputs no longer do: of these torch takes activations apart, size
    by size, before it exports them, in half of all the time (EfficientNet-Lite0: 14.6 to 8.9 s)."""
    for layer in network.modules():
        if getattr(layer, "inplace", False):
            layer.inplace = False  # type: ignore[assignment]


@contextmanager
def quiet() -> Iterator[None]:
    """Without what torch and its libraries say while they export, in the whole process: warnings,
    and of a graph that cannot be made all that was made of it."""
    disabled = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def session_of(path: Path, threads: int = 0, spins: bool = True, prepacks: bool = True) -> Any:
    """ONNX Runtime's session on the CPU, of a file.

    threads: that compute, 0 for as many as there are cores. spins: whether they hold their cores
    while they wait, which those that decode images could use. prepacks: whether weights are copied
    to the order that products are quickest in, which takes longer than a few products do. Raises
    ImportError where ONNX Runtime is missing, and its own errors, whose kinds are not public, for
    what it cannot read.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    options.add_session_config_entry("session.disable_prepacking", str(int(not prepacks)))
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def wanted_threads() -> int:
    """$OMP_NUM_THREADS, of the outermost of nested loops; 0, all cores, where it is not a number.

    ONNX Runtime does not read it."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() else 0
