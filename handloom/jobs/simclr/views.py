"""The random views of a run, by its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.models.layers.views import Views

OPTIONS = ("crop", "hflip", "rotate", "color", "blur", "noise")


def views_of(options: Mapping[str, Any], size: tuple[int, int], channels: int) -> Views:
    """Views of images (H, W), as large as they are, by the options of a run."""
    from handloom.models.layers.views import Views

    # What comes in from outside: black around a digit, the mirrored edge of a photo.
    border = "zeros" if channels == 1 else "reflect"
    return Views(size, **{name: options[name] for name in OPTIONS}, border=border)
