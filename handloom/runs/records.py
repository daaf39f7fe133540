"""What stands in the JSON files of a run and in the list of runs, key by key.

What one part writes and another reads has a type here, so that a mistyped key is an error. A job's
own part of config.json and of evaluation.json is documented in the job's folder.
"""

from typing import Any, Literal, NotRequired, TypedDict

Options = dict[str, Any]
"""Some options of a job or a verb by name, with the values that their dataclass has."""

Metrics = dict[str, float]
"""A line of metrics.jsonl: "epoch" and "step" (whole numbers from 1), "seconds" of training so far,
"samples_per_second", and "train/NAME", "valid/NAME" in the unit of the metric."""


class RunStatus(TypedDict):
    """status.json. seconds: of training. best_epoch: from 1, whose networks are saved; monitor: the
    metric it is the best by, None where it is the last one. reason: of a stop or a failure."""

    status: Literal["running", "stopped", "trained", "finished", "failed"]
    reason: NotRequired[str | None]
    epoch: NotRequired[int]
    best_epoch: NotRequired[int | None]
    monitor: NotRequired[str | None]
    seconds: NotRequired[float]


class Evaluated(TypedDict, total=False):
    """What evaluation.json of any job says of its data. own_data: the run's own, wherever they lie.
    trained_on: how many of other data are left out, since the run was trained on them; broken,
    unlabelled: left out too. optimistic_because: sentences."""

    data: str
    split: str
    own_data: bool
    trained_on: int
    broken: list[dict[str, Any]]
    unlabelled: int
    notes: list[str]
    optimistic: bool
    optimistic_because: list[str]


class Environment(TypedDict):
    """ "environment" in config.json, restored on resume. device: as torch names it; precision:
    float32 or bfloat16; processor: the widest instructions that torch uses."""

    device: str
    precision: str
    threads: int
    processor: str
    torch: str


class StageRecord(TypedDict):
    """A stage in config.json. epochs: 0 of one that is solved in closed form."""

    name: str
    epochs: int


class TrialRecord(TypedDict):
    """ "trial" in trials.jsonl and in the plan of config.json: see `jobs.training.trials.Trial`."""

    name: str
    options: Options
    fold: int | None


class TrialResult(TypedDict):
    """A line of trials.jsonl. seconds: it took. error: why it failed, None where it did not."""

    trial: TrialRecord
    metrics: Metrics
    seconds: float
    error: str | None
    details: dict[str, Any]


class RepeatsPlan(TypedDict):
    """repeats.json. options: as given, the seed apart. seeds: of the runs RUN/1, RUN/2, ...
    from_run: whose weights they begin with. summary: when all have ended."""

    job: str
    data: str
    options: Options
    seeds: list[int]
    from_run: str | None
    summary: NotRequired["RepeatsSummary"]


class Spread(TypedDict):
    """A metric over n runs. std: of the sample, None of fewer than two."""

    mean: float
    std: float | None
    n: int


class RepeatsSummary(TypedDict):
    """runs: "run", "seed", "status", and of each that was evaluated "split", why it is optimistic,
    "interval" and the metrics of the job by name."""

    runs: list[dict[str, Any]]
    metrics: dict[str, Spread]


class RunRow(TypedDict):
    """A run among others. run: its path. data: the name alone; source: in full. status: as in
    status.json, or killed, or damaged with the reason; of repeated runs how many are done. epochs:
    done; planned: None where the run has no plan yet. minutes: of trials and training. metrics: of
    evaluation.json, or of the last epoch; interval: 95 % of the accuracy; optimistic: why its
    figures are, where they are. differs: options that are not the same in all runs of its kind.
    runs: the repeated ones that this row stands for."""

    run: str
    job: str
    data: str
    status: str
    reason: NotRequired[str]
    epochs: int
    planned: int | None
    minutes: float
    metrics: Metrics
    interval: NotRequired[list[float]]
    optimistic: NotRequired[list[str]]
    options: NotRequired[Options]
    source: NotRequired[str]
    differs: NotRequired[Options]
    runs: NotRequired[list["RunRow"]]
