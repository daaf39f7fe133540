"""Optional parts of the package: what each adds, and the sentence where its libraries are missing.

Every extra of pyproject.toml that people install for themselves is a line here.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple

from handloom.errors import UserError


class Extra(NamedTuple):
    """An optional part.

    adds: what is possible with it. libraries: the name of each where it is installed from, and the
    module it is imported as.
    """

    adds: str
    libraries: Mapping[str, str]

    @property
    def missing(self) -> list[str]:
        """Libraries that are not installed; nothing is imported to see that."""
        return [name for name, module in self.libraries.items() if find_spec(module) is None]


EXTRAS = {
    "sentence": Extra("sentence encoders of texts", {"transformers": "transformers"}),
    "clip": Extra("CLIP, which reads words and images", {"open_clip_torch": "open_clip"}),
    "milvus": Extra("indexes on a Milvus server", {"pymilvus": "pymilvus"}),
    "faiss": Extra("approximate search of large indexes", {"faiss-cpu": "faiss"}),
    "kaggle": Extra("data sets of Kaggle, by handloom fetch", {"kagglehub": "kagglehub"}),
    "studio": Extra(
        "the page over runs, and the server of one",
        {"starlette": "starlette", "uvicorn": "uvicorn", "python-multipart": "python_multipart"},
    ),
    "heic": Extra("photos in HEIC, as phones write them", {"pillow-heif": "pillow_heif"}),
    "export": Extra(
        "networks as ONNX files, by handloom export; searches and predictions without torch",
        {"onnx": "onnx", "onnxscript": "onnxscript", "onnxruntime": "onnxruntime"},
    ),
}


class ExtraMissing(UserError):  # noqa: N818
    """The libraries of an optional part are not installed."""


def has(name: str) -> bool:
    """Whether the libraries of an extra are installed."""
    return not EXTRAS[name].missing


def require(name: str, what: str, otherwise: str = "") -> None:
    """Raises ExtraMissing, one sentence, where an extra is not installed.

    what: that needs it, the subject of the sentence. otherwise: what can be done without it.
    """
    missing = EXTRAS[name].missing
    if missing:
        are = "are" if len(missing) > 1 else "is"
        remedy = f"pip install {' '.join(missing)}" + (f", or {otherwise}" if otherwise else "")
        raise ExtraMissing(f"{what} needs {' and '.join(missing)}, which {are} missing: {remedy}")
