"""Handloom: a folder of images or a file of text becomes a working neural network.

import handloom
run = handloom.train("classifier", "digits")
run.predict("digit.png")
handloom.open("runs/classifier-digits-1").evaluate()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.api import (
        Embedding,
        GenerativeRun,
        ImageEncoder,
        LanguageModelRun,
        Repeats,
        Run,
        compare_encoders,
        embed,
        encoder,
        export_run,
        fetch,
        filter,
        index,
        open,
        open_index,
        repeat,
        resume,
        stylize,
        train,
    )

__version__ = "0.1.0"
__all__ = [
    "Embedding",
    "GenerativeRun",
    "ImageEncoder",
    "LanguageModelRun",
    "Repeats",
    "Run",
    "UserError",
    "compare_encoders",
    "embed",
    "encoder",
    "export_run",
    "fetch",
    "filter",
    "index",
    "open",
    "open_index",
    "repeat",
    "resume",
    "stylize",
    "train",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import on first use: `handloom --help` needs no torch."""
    if name == "UserError":
        from handloom.errors import UserError

        return UserError
    if name in __all__:
        from handloom import api

        return vars(api)[name]
    raise AttributeError(f"module 'handloom' has no attribute '{name}'")
