"""Weights of a network from a file of somebody else's: tensors and nothing that runs."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.errors import UserError


def read_weights(path: Path, flag: str = "--weights") -> dict[str, Tensor]:
    """Tensors by name, from .safetensors or .pth (below the key `model`, if it has one).

    flag: the option that named the file, for the error message.
    """
    if not path.is_file():
        raise UserError(f"the weights {path} do not exist: give the path of a file to {flag}")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            content: Any = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever a foreign or damaged file makes the reader raise
        raise UserError(
            f"{path} is not a file of weights (tensors in .pth or .safetensors): give another"
        ) from None
    content = content.get("model", content) if isinstance(content, dict) else {}
    return {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, Tensor)}
