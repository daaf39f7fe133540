"""Run directory to networks: everything a finished run needs is inside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import torch
from torch import nn

from handloom.engine.precision import Precision, channels_last, pick_device
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.job import Job
from handloom.jobs.options import CommonConfig
from handloom.jobs.training.places import locate_data
from handloom.runs.directory import RunDirectory
from handloom.runs.records import Evaluated, RunConfig

Made = TypeVar("Made")
EvaluationT = TypeVar("EvaluationT", bound=Evaluated)
OptionsT = TypeVar("OptionsT", bound=CommonConfig)
ConfigT_co = TypeVar("ConfigT_co", bound=RunConfig, covariant=True)


@dataclass
class Loaded(Generic[ConfigT_co]):
    """A finished run: what config.json says, and its networks with weights, in eval mode.

    A job's verbs take a `Loaded[Record]` with the record in their folder; what works with a run of
    any job takes a `Loaded[RunConfig]`.
    """

    directory: RunDirectory
    config: ConfigT_co
    networks: dict[str, nn.Module]
    precision: Precision
    _kept: dict[Any, Any] | None = None
    _opened: dict[str, Any] = field(default_factory=dict)

    def keeping(self) -> "Loaded[ConfigT_co]":
        """The same run, which keeps what is asked for by `once`: evaluation and report look at the
        same data and predictions."""
        return self if self._kept is not None else replace(self, _kept={})

    def once(self, what: Any, make: Callable[[], Made]) -> Made:
        """What `make` gives; a run that is `keeping` makes it one time only.

        what: a name for it, a possible key of a dictionary.
        """
        if self._kept is None:
            return make()
        if what not in self._kept:
            self._kept[what] = make()
        made: Made = self._kept[what]
        return made

    def opened(self, part: str, make: Callable[[], Made]) -> Made:
        """A small part of the run that `make` builds from config.json, once for all calls."""
        if part not in self._opened:
            self._opened[part] = make()
        made: Made = self._opened[part]
        return made

    def evaluation(self, of: type[EvaluationT]) -> EvaluationT | None:
        """evaluation.json; None before the run was evaluated, and where an older version recorded
        less than is read of it now. of: its type, which the job has, with the keys it requires."""
        recorded = self.directory.evaluation()
        required: frozenset[str] = of.__required_keys__  # type: ignore[attr-defined]
        return cast(EvaluationT, recorded) if recorded and required <= recorded.keys() else None

    def options(self, of: type[OptionsT]) -> OptionsT:
        """The options of the training, all of them chosen. of: the `Resolved` of its job."""
        return of(**{each.name: self.recorded[each.name] for each in fields(of)})

    @property
    def recorded(self) -> Mapping[str, Any]:
        """The options of the training, by the names that they have in this version."""
        return self.opened("options", lambda: self.job.recorded(self.config["options"]))

    @property
    def job(self) -> Job:
        """The record of its job."""
        return find_job(self.config["job"])

    @property
    def data(self) -> str:
        """Where its data lie now. Raises UserError where they are not found."""
        return locate_data(self.directory, self.config)

    @property
    def device(self) -> torch.device:
        return self.precision.device


def load(path: Path | str, device: str = "auto") -> Loaded[RunConfig]:
    """Rebuild the networks of a run; classes, sizes and preprocessing come from its config.json.

    Evaluates in the precision the run was trained in, where this machine has it. A UserError says
    what is missing or damaged.
    """
    directory = RunDirectory.open(path)
    # Before anything is built: a run that is still in its trials has no sizes of networks either.
    config, saved = directory.config(), directory.networks()
    precision = Precision.resolve(pick_device(device))
    if config["environment"]["precision"] == "float32":
        precision = Precision(precision.device, None)
    networks: dict[str, nn.Module] = find_job(config["job"]).networks(config)
    for name, network in networks.items():
        try:
            network.load_state_dict(saved[name])
        except (KeyError, RuntimeError) as error:
            if directory.status()["status"] not in ("finished", "trained"):
                raise UserError(
                    f"{path} is not finished, and its networks change until then: resume it"
                ) from None
            raise UserError(
                f"the weights in {path} are not those of its config.json ({str(error)[:200]}): "
                "restore both from one copy"
            ) from None
        channels_last(network).to(precision.device).eval()
    return Loaded(directory, config, networks, precision)
