"""What `handloom export` returns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from handloom.export.check import Agreement

Format = Literal["onnx", "pt2"]
FORMATS: tuple[Format, ...] = ("onnx", "pt2")


class Written(NamedTuple):
    """A file that was written and checked."""

    path: Path
    part: str
    format: Format
    agreement: Agreement


class Exported(NamedTuple):
    """A file that was written and checked against its network (`agreement`), and its model card."""

    path: Path
    part: str
    format: Format
    agreement: Agreement
    card: Path
