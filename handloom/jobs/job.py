"""The one record a job is: all that training, the verbs, the command line and reports need of it.

Read `jobs/vae/__init__.py` for an example. Adding a job is adding a folder with such a record, and
a line to the table in `jobs/__init__.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from handloom.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor, nn

    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.options import CommonConfig
    from handloom.jobs.training.stage import Built
    from handloom.jobs.training.trials import Search
    from handloom.runs.records import Options

    Networks = dict[str, nn.Module]


@dataclass(frozen=True)
class Lazy:
    """A function that is imported when it is called, so that naming it costs nothing.

    place: "package.module:function".
    """

    place: str

    def __call__(self, *arguments: Any) -> Any:
        return self.load()(*arguments)

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        module, _, name = self.place.partition(":")
        function: Callable[..., Any] = vars(import_module(module))[name]
        return function


@dataclass(frozen=True)
class Verb:
    """What can be done with a finished run.

    function: takes the loaded run, then what the verb is about (inputs, other data), then its
        options where it has any; the command line prints its result by the result's type.
    options: a frozen dataclass of `option` fields, the verb's own; flags are made from it.
    suffixes: of the file its result can be written to. many_files: or a folder of files.
    takes: what a single input of it is; None where it takes none, or data as a whole.
    explain: takes what `function` takes, and gives for every input that can be read what spoke for
        its answer, `jobs.results.Explained`; None where nothing can be said.
    """

    function: Lazy
    options: type | None = None
    suffixes: tuple[str, ...] = ()
    many_files: bool = False
    takes: Literal["image", "text", "seed"] | None = None
    explain: Lazy | None = None


@dataclass(frozen=True)
class Example:
    """A training of seconds on data that ship with the package: by it `handloom doctor` sees
    whether the job works on a machine.

    options: of the training. data: (an empty folder) -> the data, which it may write there, and
    further options; None takes the first of the job's built-in sets, which is bundled.
    """

    options: Mapping[str, Any] = field(default_factory=lambda: {"epochs": 1})
    data: Lazy | None = None


@dataclass(frozen=True)
class Job:
    """A job: what is learned, and what can be done with what was learned.

    name: as it is typed. summary: one line for --help, without a full stop.
    config: options of the training. load: reads the data; the only part that reads files.
    resolve: chooses every option that was left open, for the network and the size of the data.
    contents: digests of the examples of each split, by its name, for (data): with them the run
    knows them wherever they turn up; None where nothing asks.
    build: networks, objective, sources and optimizers as stages, ready to start.
    networks: the networks of a finished run, by name, from its config.json alone.
    begins_with: the option that names a run of another job, whose encoder it can begin with, for
    `--from`; None where `--from` takes runs of this job alone.
    search: candidates to try before the training, for (config with open options, data, device,
    report);
    None, or a function that returns None, tries nothing. Where its choice holds epochs, --minutes
    are planned by it.
    adopt: copies the weights of another run, for `--from`, where names and shapes do not say what
    belongs together: (networks, saved tensors by network, record of the other run, own record).
    image_network: the name of its network that has `features` of images, with whose weights a
    training of another job that has one may begin. follow: for such a training, options that it
    needs, where they are left out, for (config.json of the other run, its path).
    unused: names of the options, and why, that a training by these options, all of them chosen,
    does not use; they are noted, left out of pages, and never refused to a run's own data.
    verbs: by name; every name is a verb of the command line and a method of `run`.
    encoder: a finished run as an encoder of images, for (the loaded run); None where it has none.
    export: what a finished run ships, a list of `jobs.program.Program`, for (the loaded run); None
    where it has no network for other programs, and then `no_export` says why, as the end of a
    sentence that begins with the run.
    answering: the program by which `predict` answers without torch, for (the loaded run), which is
    checked without its data; None where it has none.
    makes_encoder: it is trained for the sake of that, by default without labels, so that
    `compare-encoders` trains one. learns_labels: whether a training by these options learns from
    the labels of its images, which flatters it where it is measured on the same.
    describe: an evaluation to lines in words, the result first. finish: called once after training
    instead of the verb `evaluate`, with the loaded run. report: the run's page, HTML. demo:
    (folder, display), a part of `handloom demo`, with its title; returns its panel of the page.
    example: a training of seconds. weights: names, as `handloom fetch` takes them, of published
    weights that it is better with.
    run: the class that `handloom.open` returns.
    metrics: columns of `handloom runs`, and how a value is shown.
    sets: names of the built-in sets it can be given as data, the bundled one first; None where it
    takes files alone.
    several: its data may be several files, which are named in one string, one a line.
    next_step: the command that a person wants next, with {run} for the run and {data} for its
    data. step_of_set: where these are a built-in set, if that is another.
    command: the verb that starts it. plans_memory: it keeps to a plan of memory, which counts on
    memory that is freed being given back to the system.
    """

    name: str
    summary: str
    config: type[CommonConfig]
    load: Callable[[Any, str, ReportProgress], Any]
    resolve: Callable[[Any, Any], Any]
    build: Callable[[Any, Any, torch.device], Built]
    networks: Callable[[Any], dict[str, nn.Module]]
    verbs: Mapping[str, Verb]
    describe: Lazy
    next_step: str
    sets: Lazy | None = None
    several: bool = False
    contents: Lazy | None = None
    encoder: Lazy | None = None
    export: Lazy | None = None
    no_export: str = ""
    answering: Lazy | None = None
    makes_encoder: bool = False
    learns_labels: Callable[[Mapping[str, Any]], bool] = lambda options: True
    finish: Lazy | None = None
    report: Lazy | None = None
    demo: tuple[str, Lazy] | None = None
    search: Callable[[Any, Any, torch.device, ReportProgress], Search | None] | None = None
    adopt: Callable[[Networks, dict[str, dict[str, Tensor]], Any, Any], set[str]] | None = None
    example: Example = Example()
    weights: tuple[str, ...] = ()
    image_network: str | None = None
    follow: Callable[[Any, Path], Options] | None = None
    run: Lazy = Lazy("handloom.jobs.run:Run")
    metrics: Mapping[str, Callable[[float], str]] = field(default_factory=dict)
    begins_with: str | None = None
    step_of_set: str | None = None
    unused: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None
    command: str = "train"
    plans_memory: bool = False

    def recorded(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a run, whatever version trained it, as this one names them; one that its
        config.json does not have is as a training without it was."""
        known = {}
        for each in fields(self.config):
            names = (each.name, *each.metadata["formerly"])
            absent = each.metadata["absent"]
            given = [options[name] for name in names if name in options]
            known[each.name] = [*given, each.default if absent is None else absent][0]
        return known

    def strange(self, options: Mapping[str, Any]) -> list[str]:
        """Names of recorded options that this version does not have."""
        known = {name for f in fields(self.config) for name in (f.name, *f.metadata["formerly"])}
        return [name for name in options if name not in known]

    def parts(self, data: str) -> list[str]:
        """What its data name: several files, or one thing. Raises UserError for more than one where
        its data are one folder or file."""
        parts = data.split("\n")
        if len(parts) > 1 and not self.several:
            raise UserError(
                f"{len(parts)} places of data ({', '.join(parts)[:100]}): a {self.name} run has one"
            )
        return parts

    def next_words(self, run: str, data: str) -> list[str]:
        """The command that a person wants next, word by word, for a run of these data."""
        first = data.partition("\n")[0]
        is_set = self.sets is not None and first in self.sets()
        step = self.step_of_set if is_set and self.step_of_set is not None else self.next_step
        return [word.format(run=run, data=first) for word in shlex.split(step)]

    def verb(self, name: str) -> Verb:
        """One of its verbs; a UserError says what there is instead."""
        if name not in self.verbs:
            available = [*self.verbs, *(["report"] if self.report else []), "resume"]
            raise UserError(
                f"'{name}' is not available for {self.name} runs; available: "
                f"{', '.join(dict.fromkeys(available))}"
            )
        return self.verbs[name]
