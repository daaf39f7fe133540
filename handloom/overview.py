"""All runs below a folder, side by side."""

from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.runs import RunDirectory, find_runs


def overview(folder: Path) -> list[dict[str, Any]]:
    """One record a run, oldest first: run, job, data, status, epochs, minutes, metrics, differs.

    metrics: of evaluation.json, or of the last epoch where there is none. differs: options whose
    value is not the same in all runs of the job; a damaged run is listed as such.
    """
    found = [_summary(run) for run in find_runs(folder)]
    for run in found:
        peers = [other["options"] for other in found if other["job"] == run["job"]]
        run["differs"] = {
            name: value
            for name, value in run["options"].items()
            if any(peer.get(name) != value for peer in peers)
        }
    return [{k: v for k, v in run.items() if k != "options"} for run in found]


def _summary(run: RunDirectory) -> dict[str, Any]:
    try:
        config, status, lines = run.config(), run.status(), run.metrics()
        last = lines[-1] if lines else {}
        metrics = run.evaluation() or {
            name.partition("/")[2]: value
            for name, value in last.items()
            if name.startswith("valid/")
        }
        return {
            "run": str(run.path),
            "job": config["job"],
            "data": Path(config["data"]).name,
            "status": status["status"],
            "epochs": last.get("epoch", 0),
            "minutes": round(last.get("seconds", 0.0) / 60, 2),
            "metrics": {k: v for k, v in metrics.items() if isinstance(v, int | float)},
            "options": config["options"],
        }
    except (UserError, KeyError, TypeError) as error:
        return _damaged(run, str(error))


def _damaged(run: RunDirectory, reason: str) -> dict[str, Any]:
    return {
        "run": str(run.path),
        "job": "",
        "data": "",
        "status": "damaged",
        "reason": reason,
        "epochs": 0,
        "minutes": 0.0,
        "metrics": {},
        "options": {},
    }
