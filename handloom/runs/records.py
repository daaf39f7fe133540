"""What stands in the JSON files of a run and in the list of runs, key by key.

What one part writes and another reads has a type here, so that a mistyped key is an error. A job's
own part of config.json and of evaluation.json is in `jobs/NAME/records.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from typing_extensions import ReadOnly  # lets the record of a job say more of a key than this

Options = dict[str, Any]
"""Some options of a job or a verb by name, with the values that their dataclass has."""

Metrics = dict[str, float]
"""A line of metrics.jsonl: "epoch" and "step" (whole numbers from 1), "seconds" of training so far,
"samples_per_second", and "train/NAME", "valid/NAME" in the unit of the metric."""


TemperatureSource = Literal["valid", "folds"]
"""What a temperature was fitted on: validation examples, or folds of the training ones."""


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
    trained_on: how many of other data are left out, since the run was trained on them; near_copies:
    since it was trained on such as are nearly the same; validated_on: since it was validated on
    them, and has a test split; broken, unlabelled: left out too. of_validation: how many of those
    that are evaluated it was validated on. optimistic_because, warnings: sentences."""

    data: str
    split: str
    own_data: bool
    trained_on: int
    near_copies: int
    validated_on: int
    of_validation: int
    broken: list[dict[str, Any]]
    unlabelled: int
    notes: list[str]
    optimistic: bool
    optimistic_because: list[str]
    warnings: list[str]


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


class ChoiceRecord(TypedDict):
    """ "choice" in config.json: what the trials led to, and why, in a sentence."""

    options: Options
    reason: str


class WeightsRecord(TypedDict):
    """ "encoder" in config.json: the pretrained network that a training began with. name: as it is
    given, such as timm:NAME. fingerprint, weights: as `encoders.Encoder` has them."""

    name: str
    fingerprint: str
    weights: str | None


class KeptFile(TypedDict):
    """ "kept" in config.json: corrections.csv, with its digest."""

    file: str
    digest: str


_Start = TypedDict("_Start", {"from": str | None, "from_run": str | None}, total=False)


class RunConfig(_Start, total=False):
    """config.json of any job. What a job adds is the subclass `Record` in its folder.

    A run that is still in its trials has no "epochs" and "stages", and nothing of a job but
    "fingerprint".

    data: what was named, several files one a line, absolute where it is a path; data_from_run: the
    way to it from the run's folder. epochs: of all stages. options: of the job's Config, none left
    open. created: as ISO 8601 has it. from: how much of the weights of the run `from_run` it began
    with. corrections: how many labels were changed, and how many not, of a training on corrected
    ones; kept: the file that says which; divided: the digest of the files by which known examples
    stay on their side.

    images, texts, characters: how many of each split there are; groups: of images that belong
    together or stand alone, where some belong together. classes: their names in order,
    none of data without labels. temperature: what logits are divided by, fitted on what
    temperature_source says.
    """

    format: int
    job: str
    data: str
    data_from_run: str
    epochs: int
    stages: list[StageRecord]
    options: Options
    environment: Environment
    fingerprint: str
    versions: dict[str, str]
    created: str
    trials: list[TrialRecord]
    choice: ChoiceRecord
    corrections: Mapping[str, int]
    kept: KeptFile
    divided: str
    classes: ReadOnly[list[str]]
    images: ReadOnly[dict[str, int]]
    groups: ReadOnly[dict[str, int]]
    texts: ReadOnly[dict[str, int]]
    characters: ReadOnly[dict[str, int]]
    encoder: ReadOnly[WeightsRecord | None]
    temperature: float
    temperature_source: TemperatureSource


Vary = Literal["seed", "split"]
"""What differs in repeated runs: the seed of the training, or that of the division of the data."""


class RepeatsPlan(TypedDict):
    """repeats.json. options: as given, the seeds apart. seeds: of the runs RUN/1, RUN/2, ...; vary:
    which these are, "seed" where an older version wrote nothing. from_run: whose weights they begin
    with. summary: when all have ended."""

    job: str
    data: str
    options: Options
    seeds: list[int]
    from_run: str | None
    vary: NotRequired[Vary]
    summary: NotRequired[RepeatsSummary]


class Spread(TypedDict):
    """A metric over n runs. std: of the sample, None of fewer than two."""

    mean: float
    std: float | None
    n: int


class RepeatsSummary(TypedDict):
    """runs: "run", "seed", "status", and of each that was evaluated "weights", the digest of its
    networks, "split", why it is optimistic, "interval", of how many "images" or "texts", and the
    metrics of the job by name. vary: as in the plan."""

    runs: list[dict[str, Any]]
    metrics: dict[str, Spread]
    vary: NotRequired[Vary]


class RunRow(TypedDict):
    """A run among others. run: its path. data: the name alone; source: in full. status: as in
    status.json, or killed, or damaged with the reason; of repeated runs how many are done. epochs:
    done; planned: None where the run has no plan yet. minutes: of trials and training. metrics: of
    evaluation.json, or of the last epoch on validation data, then interim is True; interval: 95 %
    of the accuracy; optimistic: why its figures are, where they are. differs: options that are not
    the same in all runs of its kind. created: when it was begun, in seconds since 1970. runs: the
    repeated ones that this row stands for."""

    run: str
    job: str
    data: str
    status: str
    reason: NotRequired[str]
    epochs: int
    planned: int | None
    minutes: float
    created: float
    metrics: Metrics
    interim: NotRequired[bool]
    interval: NotRequired[list[float]]
    optimistic: NotRequired[list[str]]
    options: NotRequired[Options]
    source: NotRequired[str]
    differs: NotRequired[Options]
    runs: NotRequired[list[RunRow]]
