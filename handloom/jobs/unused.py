"""Options that were given and do nothing: said once, before a training."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from handloom.wording import join_and

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.jobs.job import Job
    from handloom.jobs.options import CommonConfig


def note_unused(
    job: Job, given: CommonConfig, resolved: CommonConfig, display: Display, is_chosen: bool = False
) -> None:
    """Name in one note every option of `given` that the training by `resolved` does not use.

    is_chosen: trials of several kinds of training, which may use them, chose this one.
    """
    if job.unused is None:
        return
    reasons: dict[str, list[str]] = {}
    known = {field.name: field for field in fields(given)}
    for name, why in job.unused(vars(resolved)).items():
        field = known[name]
        if vars(given)[name] != field.default:
            label = (field.metadata["flag"] or name).replace("_", "-")
            reasons.setdefault(why, []).append(f"--{label}")
    if reasons:
        by = " by what was chosen" if is_chosen else ""
        display.note("; ".join(
            f"{join_and(names)} {'are' if len(names) > 1 else 'is'} not used{by}: {why}"
            for why, names in reasons.items()))  # fmt: skip
