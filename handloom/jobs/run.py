"""A run directory, and what can be done with a run of any job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.config import check
from handloom.errors import UserError, names_arguments
from handloom.jobs import find_job
from handloom.runs.directory import RunDirectory
from handloom.waiting import doing

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.job import Job
    from handloom.jobs.loading import Loaded
    from handloom.jobs.results import Explained, Prediction
    from handloom.runs.records import Evaluated, Metrics, RunConfig

AnyInputs = Any
"""A path, a text, a PIL image, an array, a tensor, bytes, a file object; or a list, batch or column
of such. See `data.objects.input_names`."""


@dataclass(frozen=True)
class Run:
    """A run of any job. `handloom.open` gives the class that the job's record names."""

    path: Path

    @property
    def config(self) -> RunConfig:
        """config.json."""
        return RunDirectory.open(self.path).config()

    @cached_property
    def job(self) -> Job:
        """The record of its job."""
        return find_job(self.config["job"])

    @property
    def metrics(self) -> list[Metrics]:
        """One record an epoch."""
        return RunDirectory.open(self.path).metrics()

    @cached_property
    def loaded(self) -> Loaded[RunConfig]:
        """The networks, with the weights of the best epoch."""
        from handloom.jobs.loading import load

        with doing("opening the run"):
            return load(self.path)

    @property
    def finished(self) -> bool:
        """Whether training reached its last epoch, or stopped early, and was evaluated."""
        return RunDirectory.open(self.path).status()["status"] == "finished"

    @property
    def evaluation(self) -> Mapping[str, Any] | None:
        """Metrics on unseen data, made when training ended; None before."""
        return RunDirectory.open(self.path).evaluation()

    def describe(self, evaluation: Mapping[str, Any]) -> str:
        """An evaluation in words: the result, and below it, indented, what belongs to it."""
        from handloom.jobs.training.reporting import describe

        return "\n  ".join(describe(self.job, cast("Evaluated", evaluation)))

    def call(self, verb: str, /, *subjects: Any, **options: Any) -> Any:
        """What a verb of the job returns; UserError where the job has no such verb.

        subjects: what the verb is about, such as inputs. options: the verb's own, checked.
        """
        record = self.job.verb(verb)
        given = () if record.options is None else (check(record.options, options),)
        run = self.loaded.keeping()  # its own data are read once a call
        result = record.function(run, *subjects, *given)
        if verb != "evaluate":
            return result
        from handloom.jobs.training.reporting import qualified

        return qualified(run, result, *subjects[:1])

    @names_arguments
    def evaluate(self, data: Any = None, **options: Any) -> dict[str, Any]:
        """Metrics on the run's test split, or on other data, a path or as for `train`."""
        from handloom.data.objects import data_name

        place = None if data is None else data_name(data)
        evaluation: dict[str, Any] = self.call("evaluate", place, **options)
        return evaluation

    @names_arguments
    def predict(self, inputs: AnyInputs, **options: Any) -> list[Prediction]:
        """One record for every image or text; a folder or a table holds many."""
        from handloom.data.objects import input_names

        given, titles = input_names(inputs)
        records: list[Prediction] = list(self.call("predict", given, **options))
        for record in records:
            record["input"] = titles.get(record["input"], record["input"])
        return records

    @names_arguments
    def images(self, wanted: Mapping[str, str]) -> dict[str, Tensor]:
        """Images uint8 (H, W, C) of the run's own data, as the network sees them, by their names.

        wanted: names and digests of content, as in mistakes.csv. Those that are gone, or have
        changed, are left out. Raises UserError where the data are absent, or are not images.
        """
        from handloom.jobs.images.data import ImageReadingOptions
        from handloom.jobs.images.remaining import remaining

        if not issubclass(self.job.config, ImageReadingOptions):
            raise UserError(f"the data of {self.job.name} runs are not images")
        return remaining(cast("Loaded[ImageRecord]", self.loaded), wanted)

    @names_arguments
    def explain(self, inputs: AnyInputs, **options: Any) -> list[Explained]:
        """Predictions, and what spoke for each: the regions of an image (Grad-CAM), or words.

        options: those of `predict`. What cannot be read is left out. Raises UserError where the job
        explains nothing.
        """
        record = self.job.verb("predict")
        if record.explain is None:
            raise UserError(
                f"predictions of {self.job.name} runs are not explained: leave out --explain"
            )
        from handloom.data.objects import input_names

        given = () if record.options is None else (check(record.options, options),)
        named, titles = input_names(inputs)
        explained: list[Explained] = record.explain(self.loaded, named, *given)
        for each in explained:
            each.record["input"] = titles.get(each.record["input"], each.record["input"])
        return explained

    @names_arguments
    def report(self) -> Path:
        """Make report.html, one offline file, and say where it is."""
        from handloom.jobs.training.reporting import write_report

        return write_report(self.loaded)


def open_run(path: Path | str) -> Run:
    """An existing run, of the class that its job has."""
    run = RunDirectory.open(path)
    opened: Run = find_job(run.config()["job"]).run(run.path)
    return opened
