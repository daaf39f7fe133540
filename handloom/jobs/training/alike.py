"""Whether repeated runs differ in their seed alone, asked before each of them is trained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.config import path_options
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.training.standing import other_sizes
from handloom.runs.contents import json_bytes
from handloom.wording import join_and

if TYPE_CHECKING:
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import RunConfig, Vary

# What the first run has otherwise: the seed of the division, which it left open, and the place of
# corrections, of which later runs take its copy.
VARIES = ("seed", "split_seed", "corrections")


def check_alike(first: RunDirectory, own: RunConfig, path: Path, vary: Vary = "seed") -> None:
    """Raise a UserError where a run that is about to begin, or to try what its network may be,
    would differ from the first one in more than its seed: in its data, or in what was chosen where
    options were left open, which another version, or a machine with other weights, may choose
    otherwise. own: its config.json. vary: where the division differs, so may what is chosen by the
    training part, and the data alone are compared."""
    known = first.config()
    own = json.loads(json_bytes(own))  # lists for tuples, as the first one has them
    if known["fingerprint"] != own["fingerprint"]:
        raise UserError(
            f"the data of {path} are not those of {first.path}, so the runs cannot be compared: "
            "restore them, remove the later run, and resume"
        )
    other = _differences(known, own) if vary == "seed" else []
    if other:
        version = known["versions"]["handloom"]
        raise UserError(
            f"{path} would differ from {first.path} in more than its seed ({'; '.join(other)}), as "
            f"another version or another machine chooses: resume with what began them (Handloom "
            f"{version}), or repeat all of them anew"
        )


def _differences(known: RunConfig, own: RunConfig) -> list[str]:
    """In words. Where trials chose otherwise, which is the chance of training, only their plans are
    compared."""
    if known.get("trials") != own.get("trials"):
        return ["other trials"]
    if "stages" not in own or _chosen(known) != _chosen(own):
        return []
    options, mine = _compared(known), _compared(own)
    names = sorted(n for n in options.keys() | mine.keys() if options.get(n) != mine.get(n))
    changed = [f"{n.replace('_', '-')} {_value(options, n)}, now {_value(mine, n)}" for n in names]
    sizes = other_sizes(own.get("network"), known.get("network"))
    return changed + ([f"network with other {join_and(sizes)}"] if sizes else [])


def _chosen(config: RunConfig) -> object:
    return config["choice"]["options"] if "choice" in config else None


def _compared(config: RunConfig) -> dict[str, object]:
    """Options that must agree; files may have been moved, and their contents are compared."""
    job, options = find_job(config["job"]), config["options"]
    compared = job.recorded(options) | {name: options[name] for name in job.strange(options)}
    left_out = {*VARIES, *path_options(job.config)}
    return {name: value for name, value in compared.items() if name not in left_out}


def _value(options: Mapping[str, object], name: str) -> str:
    return json.dumps(options[name]) if name in options else "not there"
