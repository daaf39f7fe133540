"""A network as a file that ONNX Runtime runs, of this machine's cache: images are embedded without
importing torch and the network's library.

`compiling` writes it. It is found by the encoder's fingerprint, so that it can be of no other
weights, and goes with the caches when they are full.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from handloom.data.io.storage import cache_folder

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing

VERSION = 1  # of what the file computes; another one is written anew
FILE = "network.onnx"
KEY = "handloom"  # of the metadata in the file
Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"  # (N, H, W, C)
Features: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"  # (N, D)


@dataclass(frozen=True)
class CompiledNetwork:
    """A network in float32 on the CPU.

    preprocessing: how an image is brought to it, in the form that `data.images` takes.
    session: ONNX Runtime's.
    """

    preprocessing: "Preprocessing"
    session: Any

    def __call__(self, images: Pixels) -> Features:
        """Decoded images uint8 (N, H, W, C) to features (N, D)."""
        (features,) = self.session.run(None, {"pixels": images})
        return np.asarray(features, np.float32)


def folder_of(fingerprint: str) -> Path:
    """Where the network of an encoder lies, once it is compiled."""
    return cache_folder() / f"compiled-{VERSION}-{fingerprint}"


def open_compiled(fingerprint: str, threads: int | None = None) -> CompiledNetwork | None:
    """The network of an encoder; None where it was not compiled, or cannot be run here.

    threads: that compute; None: $OMP_NUM_THREADS, else as many as there are cores.
    """
    folder = folder_of(fingerprint)
    if not (folder / FILE).is_file() or find_spec("onnxruntime") is None:
        return None
    opened = _opened(folder / FILE, threads or int(os.environ.get("OMP_NUM_THREADS") or 0))
    with suppress(OSError):
        (folder / "used").touch()
    return opened


def _opened(path: Path, threads: int) -> CompiledNetwork | None:
    """None for a damaged file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    options.intra_op_num_threads = threads
    # Threads that wait leave their core to those that decode.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        known = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    except Exception:  # ONNX Runtime's own kinds are not public
        return None
    return CompiledNetwork(known["preprocessing"], session)
