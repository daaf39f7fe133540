"""A directory of repeated runs: one training, once for every seed, in RUN/1, RUN/2, and so on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handloom.runs.contents import json_bytes, read_json
from handloom.runs.files import write_whole

PLAN = "repeats.json"


@dataclass(frozen=True)
class RepeatsDirectory:
    """Files of repeated runs: repeats.json, which holds their plan and their summary, and the runs.

    The plan has "job", "data", "options" (as given, the seed apart), "seeds" and "from_run"; when
    all runs have ended, "summary" as `jobs.training.repeats.summarize` returns it.
    """

    path: Path

    @staticmethod
    def is_at(path: Path) -> bool:
        """Whether a path holds repeated runs."""
        return (path / PLAN).is_file()

    def plan(self) -> dict[str, Any]:
        """What is in repeats.json."""
        return read_json(self.path / PLAN)

    def write_plan(self, plan: dict[str, Any]) -> None:
        """Replace repeats.json in one step."""
        write_whole(self.path / PLAN, json_bytes(plan))

    @property
    def runs(self) -> list[Path]:
        """The place of every planned run, in the order of the seeds."""
        return [self.path / str(number) for number in range(1, len(self.plan()["seeds"]) + 1)]
