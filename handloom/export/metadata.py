"""What a file says of itself, as JSON: under "handloom" in the metadata of ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import handloom
from handloom.export.runtime import FORMAT

if TYPE_CHECKING:
    from handloom.jobs.loading import Loaded
    from handloom.jobs.program import Program
    from handloom.runs.records import RunConfig


def metadata(program: Program, source: dict[str, Any]) -> dict[str, Any]:
    """Everything that a caller without the run needs. source: what `of_run` or an encoder says."""
    return {
        "handloom": handloom.__version__,
        "format": FORMAT,
        **source,
        "part": program.part,
        "inputs": [port._asdict() for port in program.inputs],
        "outputs": [port._asdict() for port in program.outputs],
        **program.known,
    }


def of_run(run: Loaded[RunConfig]) -> dict[str, Any]:
    """Where a file comes from: the job, its data by name and content, and when it was trained."""
    return {
        "job": run.job.name,
        "data": data_name(run),
        "fingerprint": run.config["fingerprint"],
        "trained": run.config["created"],
    }


def data_name(run: Loaded[RunConfig]) -> str:
    """The data of a run without the folders of this machine."""
    return ", ".join(Path(part).name for part in run.config["data"].split("\n"))
