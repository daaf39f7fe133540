"""What the pages of all jobs share: their head, how long the training took, how to repeat it."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from handloom.jobs.another import options_of_another
from handloom.jobs.training.standing import totals_added
from handloom.reports.page import Facts, Page, Section, render, table
from handloom.wording import first_and_more, pluralize

if TYPE_CHECKING:
    from handloom.jobs.loading import Loaded
    from handloom.runs.records import RunConfig, TrialResult

NEVER_TYPED = ("minutes",)  # became epochs when the training was planned


def page(run: Loaded[RunConfig], made: Page) -> str:
    """The file as text: what a job says of its run, under the head and above the foot of all."""
    config = run.config
    repeat = made.repeat or [*_training_commands(run), f"handloom report {_quoted(run)}"]
    versions = config.get("versions", {})
    by = ", ".join(f"{name.capitalize()} {version}" for name, version in versions.items())
    return render(
        replace(
            made,
            title=made.title or data_name(run),
            job=config["job"],
            repeat=repeat,
            made=f"{by or 'Handloom'}; trained {config.get('created', '')[:10]}, on "
            f"{config['environment'].get('device', 'cpu')}.",
        )
    )


def data_name(run: Loaded[RunConfig]) -> str:
    """What the run was trained on, without the folders it lies in."""
    parts = run.job.parts(run.config["data"].replace("\\", "/"))
    return first_and_more([PurePath(part).name or part for part in parts])


def training_command(run: Loaded[RunConfig]) -> str:
    """The command that trains such a run again, every option that it uses written out."""
    config = run.config
    words = ["handloom", "train", config["job"], *run.job.parts(config["data"])]
    start = config.get("from_run")
    beginning = ["--from", start] if start else []
    return shlex.join([*words, *beginning, *flags(run, run.job.config)])


def _training_commands(run: Loaded[RunConfig]) -> list[str]:
    """The command of the training, and those by which epochs were added to it."""
    totals = totals_added(run.config)
    if not totals:
        return [training_command(run)]
    resumed = [f"handloom resume again --epochs {total}" for total in totals]
    return [f"{training_command(run)} --out again", *resumed]


def another_training(
    run: Loaded[RunConfig], options: type, *more: str, without: Sequence[str] = ()
) -> Markup:
    """The command for another training on the same data, read as they were.

    options: the dataclass of the options by which they were read. more: what is to be different.
    without: names of options that are to be chosen anew.
    """
    config = run.config
    words = ["train", config["job"], *run.job.parts(config["data"])]
    return command(*words, *flags(run, options, (*NEVER_TYPED, *without)), *more)


def corrected_training(run: Loaded[RunConfig]) -> Markup:
    """The command for another training, with the corrections in the run's mistakes.csv."""
    config, options = run.config, options_of_another(run.config)
    names = {field.name: field for field in dataclasses.fields(run.job.config)}
    typed = [word for name, value in options.items() for word in _typed(names[name], value)]
    words = ["train", config["job"], *run.job.parts(config["data"]), *typed]
    return command(*words, "--corrections", str(run.directory.path / "mistakes.csv"))


def flags(
    run: Loaded[RunConfig], options: type, left_out: Sequence[str] = NEVER_TYPED
) -> list[str]:
    """Flags of those options of the run that are not what they are by default, and that it uses.

    options: their dataclass. left_out: names of options that have no flag.
    """
    words: list[str] = []
    recorded = run.recorded
    idle = run.job.unused(recorded) if run.job.unused is not None else ()
    for field in dataclasses.fields(options):
        value = recorded.get(field.name, field.default)
        if value == field.default or value is None or field.name in (*left_out, *idle):
            continue
        words += _typed(field, value)
    return words


def _typed(field: dataclasses.Field[Any], value: Any) -> list[str]:
    """An option as it is typed."""
    label = (field.metadata["flag"] or field.name).replace("_", "-")
    if isinstance(value, bool):  # also where it was open by default
        return [f"--{label}" if value else f"--no-{label}"]
    return [f"--{label}", str(value)]


def command(*parts: str) -> Markup:
    """A command line to type."""
    return Markup("<code>{}</code>").format(shlex.join(("handloom", *parts)))


def longer(run: Loaded[RunConfig]) -> list[Markup]:
    """A sentence on training longer, where the last epoch was the best; nothing otherwise."""
    lines, best = run.directory.metrics(), run.directory.status().get("best_epoch")
    if len(lines) < 3 or best != lines[-1]["epoch"] or not run.directory.status().get("monitor"):
        return []
    resumed = command("resume", str(run.directory.path), "--epochs", str(2 * lines[-1]["epoch"]))
    return [Markup("The last epoch was the best, so a longer training may be better: {}").format(
        resumed)]  # fmt: skip


def use(run: Loaded[RunConfig]) -> Markup:
    """The command that a person wants next."""
    words = run.job.next_words(str(run.directory.path), run.config["data"])
    return Markup("Use it: {}").format(command(*words))


def training_facts(run: Loaded[RunConfig]) -> Facts:
    """Epochs, time, seed and machine, for the details."""
    config, lines = run.config, run.directory.metrics()
    status, environment = run.directory.status(), config["environment"]
    facts: Facts = {}
    if lines:
        last = lines[-1]
        how = pluralize(int(last["epoch"]), "epoch") if last["epoch"] else "solved in closed form"
        facts["training"] = f"{how}, {duration(last['seconds'])}"
    if status.get("best_epoch") is not None and len(lines) > 1:
        by = f", the best by {status['monitor']}" if status.get("monitor") else ""
        facts["kept"] = f"epoch {status['best_epoch']}{by}"
    facts["seed"] = str(config["options"].get("seed", 0))
    facts["precision"] = environment.get("precision")
    return facts


def trials_section(run: Loaded[RunConfig]) -> list[Section]:
    """What was tried before the training, and what was chosen; nothing where nothing was."""
    choice, results = run.config.get("choice"), run.directory.trials()
    if choice is None or not results:
        return []
    names = list(dict.fromkeys(
        name for result in results for name, value in result["metrics"].items()
        if name in SHOWN and isinstance(value, int | float)))  # fmt: skip
    rows = [_trial(result, names) for result in results]
    reason = f"{choice['reason'][0].upper()}{choice['reason'][1:]}."
    body = table(["tried", *(SHOWN[name] for name in names), "seconds"], rows)
    return [Section("What was tried", reason, body, "Trials")]


SHOWN = {
    "accuracy": "accuracy",
    "loss": "loss",
    "macro_f1": "macro F1",
    "gain": "gain over the head",
}


def _trial(result: TrialResult, names: Sequence[str]) -> list[Any]:
    name, metrics, error = result["trial"]["name"], result["metrics"], result["error"]
    cells = [_metric(key, metrics[key]) if key in metrics else "" for key in names]
    return [f"{name}: failed ({error})" if error else name, *cells, f"{result['seconds']:.1f}"]


def _metric(name: str, value: float) -> str:
    return f"{value:.4f}" if name == "loss" else f"{100 * value:.2f} %"


def duration(seconds: float) -> str:
    """Seconds below two minutes, then minutes, then hours."""
    if seconds < 1:
        return "below a second"
    if seconds < 120:
        return pluralize(round(seconds), "second")
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _quoted(run: Loaded[RunConfig]) -> str:
    return shlex.quote(str(run.directory.path))
