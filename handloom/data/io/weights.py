"""Weights of a network from a file of somebody else's: tensors and nothing that runs."""

import pickle
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.errors import UserError

NESTED = ("state_dict", "model_state_dict", "model", "module")  # keys that weights lie under
WRAPPERS = ("module.", "_orig_mod.")  # DataParallel and torch.compile put them before every name


def read_weights(path: Path, flag: str = "--weights") -> dict[str, Tensor]:
    """Tensors by name, from safetensors or from what torch.save wrote.

    They may lie below a key such as `model` or `state_dict`, and their names may begin with
    `module.`. Which of the two a file is, its content says. flag: the option that named the file,
    for the error message. Raises UserError for what is not such a file, cut off or damaged.
    """
    if path.is_dir():
        raise UserError(f"the weights {path} are a folder: give the path of a file to {flag}")
    if not path.is_file():
        raise UserError(f"the weights {path} do not exist: give the path of a file to {flag}")
    try:
        tensors = named_tensors(_loaded(path))
    except Exception as error:  # whatever a foreign or damaged file makes the reader raise
        reason = _reason(path, error)
        raise UserError(
            f"{path} is not a file of weights (tensors in .pth or .safetensors){reason}: give "
            "another"
        ) from None
    if not tensors:
        raise UserError(f"{path} holds no tensors by name: give a file of weights to {flag}")
    return tensors


def _loaded(path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(9)
    if start[8:] == b"{":  # after the length of its header, 8 bytes
        from safetensors.torch import load_file

        return load_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of TorchScript, which is refused
        return torch.load(path, map_location="cpu", weights_only=True)


def named_tensors(content: Any) -> dict[str, Tensor]:
    """The tensors by name of what a file held, below a key such as `state_dict` or not; none where
    it is something else."""
    if not isinstance(content, dict):
        return {}
    for key in NESTED:
        if isinstance(content.get(key), dict):
            return named_tensors(content[key])
    tensors = {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, Tensor)}
    for prefix in WRAPPERS:
        if tensors and all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return tensors


def _reason(path: Path, error: Exception) -> str:
    if path.stat().st_size == 0:
        return ", it is empty"
    if isinstance(error, pickle.UnpicklingError) and "weights_only" in str(error).lower():
        return ", or holds objects of Python beside them, which are not loaded"
    text = str(error).lower()
    if "torchscript" in text:
        return ", it is an archive of TorchScript, which holds code, and no code is loaded"
    if "central directory" in text or "incomplete" in text or "truncated" in text:
        return ", or is cut off"
    return ""
