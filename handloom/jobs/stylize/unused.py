"""Which options a style transfer does not use, declared only here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a transfer by these, all of them chosen, does not use, and why."""
    names = dict[str, str]()
    if options["optimizer"] == "lbfgs":
        names["lr"] = "L-BFGS finds the length of its steps itself; --optimizer adam has a rate"
    if options["optimizer"] == "adam":
        names["history"] = "it is of L-BFGS"
    if options["network"] == "random":
        names["pooling"] = "random filters blur in place of pooling"
        names["weights"] = "random filters are not read from a file"
    if len(options["paintings"]) == 1:
        names["style_weights"] = "there is one painting"
    if options["keep_colors"] and options["colors"] != "luminance":
        names["keep_colors"] = f"--colors {options['colors']} says what becomes of them"
    return names
