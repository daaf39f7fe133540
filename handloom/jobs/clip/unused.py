"""Options that a training of CLIP does not use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a training by these, all of them chosen, does not use, and why."""
    names = {}
    if options["tune"] == "head":
        why = "the features of a network that stays as it is are computed once"
        names = dict.fromkeys(("crop", "color", "translate"), why)
    if options["text"] == "bag":
        names["layers"] = "a bag of words has none"
    return names
