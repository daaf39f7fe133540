"""What turns an image into a vector: pixels, and networks of timm, torchvision and open_clip."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.encoders.encoder import Encoder
    from handloom.encoders.opening import backbone, find, preprocessing, sizes, with_library
    from handloom.encoders.weights import WeightsAbsent

__all__ = ["Encoder", "WeightsAbsent", "backbone", "find", "preprocessing", "sizes", "with_library"]


def __getattr__(name: str) -> Any:
    """Import on first use: the names of encoders, beside this file, need no torch."""
    from importlib import import_module

    for module in ("encoder", "opening", "weights"):
        if name in __all__:
            names = vars(import_module(f"handloom.encoders.{module}"))
            if name in names:
                return names[name]
    raise AttributeError(f"module 'handloom.encoders' has no attribute '{name}'")
