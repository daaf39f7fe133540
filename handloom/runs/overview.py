"""All runs below a folder, side by side."""

from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.runs.directory import RunDirectory, find_runs

NETWORK = ("network", "cell")  # the options that name the network, of one job or the other
NOT_COMPARED = (
    "epochs",
    "out",
    "frames",
    "memory_in_use",
)  # in a column, or different in every run


def overview(folder: Path) -> list[dict[str, Any]]:
    """One record a run, oldest first.

    run, job, data; status: running, killed, stopped, finished or damaged, with a reason; epochs
    done, and planned; minutes; metrics: of evaluation.json, or of the last epoch where there is
    none; differs: the network, where the runs of the job have several, and the options whose value
    is not the same in all runs of the same job, network and data. Epochs, files that are written
    and measured values are not among them.
    """
    runs = [_summary(run) for run in find_runs(folder)]
    for run in runs:
        run["differs"] = _differs(run, runs)
    internal = ("options", "source")
    return [{k: v for k, v in run.items() if k not in internal} for run in runs]


def _differs(run: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any]:
    same_job = [other["options"] for other in runs if other["job"] == run["job"]]
    peers = [other["options"] for other in runs if _kind(other) == _kind(run)]
    return {
        name: value
        for name, value in sorted(run["options"].items(), key=lambda item: item[0] not in NETWORK)
        if value is not None and name not in NOT_COMPARED
        if any(other.get(name) != value for other in (same_job if name in NETWORK else peers))
    }


def _kind(run: dict[str, Any]) -> tuple[Any, ...]:
    return (run["job"], run["source"], *(run["options"].get(name) for name in NETWORK))


def _summary(run: RunDirectory) -> dict[str, Any]:
    try:
        config, lines = run.config(), run.metrics()
        last = lines[-1] if lines else {}
        metrics = run.evaluation() or {
            name.partition("/")[2]: value
            for name, value in last.items()
            if name.startswith("valid/")
        }
        return {
            "run": str(run.path),
            "job": config["job"],
            "data": _title(config["data"]),
            "status": _status(run),
            "epochs": last.get("epoch", 0),
            "planned": config.get("epochs"),
            "minutes": round(last.get("seconds", 0.0) / 60, 2),
            "metrics": {k: v for k, v in metrics.items() if isinstance(v, int | float)},
            "options": dict(config["options"]),
            "source": config["data"],
        }
    except (UserError, KeyError, TypeError, ValueError) as error:
        return _damaged(run, str(error))


def _title(data: str) -> str:
    """The name of a file or a folder; of several files, one a line, that of the first."""
    first, *others = data.split("\n")
    return Path(first).name + (f" and {len(others)} more" if others else "")


def _status(run: RunDirectory) -> str:
    """What status.json says; killed, where that is running and no process holds the lock."""
    status = str(run.status()["status"])
    if status != "running":
        return status
    return status if run.is_being_written() else "killed"


def _damaged(run: RunDirectory, reason: str) -> dict[str, Any]:
    return {
        "run": str(run.path),
        "job": "",
        "data": "",
        "status": "damaged",
        "reason": reason,
        "epochs": 0,
        "planned": None,
        "minutes": 0.0,
        "metrics": {},
        "options": {},
        "source": "",
    }
