"""Which options a training of a character network does not use, declared only here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a training by these, all of them chosen, does not use, and why."""
    cell = options["cell"]
    names = {"grad_accum_steps": "a batch of streams is one step, which carries their state on"}
    if cell in ("lstm", "gru"):
        names["nonlinearity"] = f"it is of rnn and scratch, and {cell} has its own"
    if cell == "scratch":
        names |= dict.fromkeys(("embedding", "tied"), "the scratch cell reads one-hot characters")
    return names
