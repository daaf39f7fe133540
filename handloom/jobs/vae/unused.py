"""Which options a training of a VAE does not use, declared only here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a training by these, all of them chosen, does not use, and why."""
    return {"warmup": "beta is 0 from the first step to the last"} if options["beta"] == 0 else {}
