"""A directory of repeated runs: one training, once for every seed, in RUN/1, RUN/2, and so on."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from handloom.runs.contents import json_bytes, read_json
from handloom.runs.files import write_whole
from handloom.runs.records import RepeatsPlan

PLAN = "repeats.json"


@dataclass(frozen=True)
class RepeatsDirectory:
    """Files of repeated runs: repeats.json, their plan and their summary, and the runs."""

    path: Path

    @staticmethod
    def is_at(path: Path) -> bool:
        """Whether a path holds repeated runs."""
        return (path / PLAN).is_file()

    def plan(self) -> RepeatsPlan:
        """What is in repeats.json."""
        return cast(RepeatsPlan, read_json(self.path / PLAN))

    def write_plan(self, plan: RepeatsPlan) -> None:
        """Replace repeats.json in one step."""
        write_whole(self.path / PLAN, json_bytes(dict(plan)))

    @property
    def runs(self) -> list[Path]:
        """The place of every planned run, in the order of the seeds."""
        return [self.path / str(number) for number in range(1, len(self.plan()["seeds"]) + 1)]
