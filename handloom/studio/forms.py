"""The form of a training, made from the options of its job, and the command line it stands for."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from handloom.config import check, plain
from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.jobs.job import Job
from handloom.studio.folder import Folder

KINDS = {int: "whole", float: "number", bool: "switch"}
TABLE = ("splits", "unclear_labels", "strict")
READING = {  # options of a training by which its data are read, and `handloom show` has too
    "captions": ("root", "image_column", "label_column", "text_column", "template", *TABLE),
    "images": ("root", "image_column", "label_column", *TABLE),
    "texts": ("text_column", "target_column", "encoding", *TABLE),
    "corpus": ("encoding",),
}
FIRST = ("network", "preset", "epochs", "minutes", "seed")  # shown before the others are unfolded


def forms() -> list[dict[str, Any]]:
    """Of every job that is trained: name, summary, built-in sets, the fields of its options, and
    shows: the kind as which `handloom show` reads its data, if any."""
    jobs = [job for job in map(find_job, JOBS) if job.command == "train"]
    return [
        {
            "job": job.name,
            "summary": job.summary,
            "sets": list(job.sets()) if job.sets is not None else [],
            "several": job.several,
            "shows": kind_of(job),
            "fields": fields(job.config),
        }
        for job in jobs
    ]


def kind_of(job: Job) -> str | None:
    """The --kind of `handloom show` that has the options by which the data of a job are read."""
    known = {field.name for field in dataclasses.fields(job.config)}
    return next((kind for kind, names in READING.items() if known.issuperset(names)), None)


def look(folder: Folder, wanted: Mapping[str, Any]) -> list[str]:
    """The words after `handloom` of a look at the data of a training, read by its options.

    wanted: as `words` takes it. Raises UserError, and for a job whose data are not shown.
    """
    job = find_job(str(wanted.get("job")))
    kind = kind_of(job)
    if kind is None:
        raise UserError(f"the data of '{job.name}' are read when it is trained: start the training")
    words(folder, wanted)  # refuses what the training refuses
    given = wanted.get("options") or {}
    reading = {name: value for name, value in given.items() if name in READING[kind]}
    _, _, *typed = words(folder, {**wanted, "options": reading})
    data = [_data(folder, part) for part in data_of(wanted)]
    place = "\n".join(data) if kind == "corpus" else data[0]
    return ["show", "--json", "--kind", kind, *typed[len(data) :], "--", place]


def fields(config: type) -> list[dict[str, Any]]:
    """Name, flag, help, kind, choices, range and default of every option, the usual ones first."""
    hints = get_type_hints(config)
    made = [_field(field, hints[field.name]) for field in dataclasses.fields(config)]
    order = {name: place for place, name in enumerate(FIRST)}
    return sorted(made, key=lambda field: order.get(field["name"], len(FIRST)))


def _field(field: dataclasses.Field[Any], hint: Any) -> dict[str, Any]:
    kind = plain(hint)
    is_choice = get_origin(kind) is Literal
    return {
        "name": field.name,
        "flag": label(field),
        "help": field.metadata["help"],
        "kind": "choice" if is_choice else KINDS.get(kind, "text"),
        "choices": list(get_args(kind)) if is_choice else [],
        "low": field.metadata["low"],
        "high": field.metadata["high"],
        "default": field.default,
        "is_open": field.default is None,
        "is_first": field.name in FIRST,
    }


def label(field: dataclasses.Field[Any]) -> str:
    """What is typed for an option, without the dashes."""
    return str(field.metadata["flag"] or field.name).replace("_", "-")


def words(folder: Folder, wanted: Mapping[str, Any]) -> list[str]:
    """The words after `handloom` of a training.

    wanted: "job", "data" (one a line where there are several), "options". Every option is checked,
    and what names a file must lie in the folder. Raises UserError.
    """
    job = find_job(str(wanted.get("job")))
    if job.command != "train":
        raise UserError(f"'{job.name}' is not trained on data: use 'handloom {job.command}'")
    given = wanted.get("options") or {}
    if not isinstance(given, Mapping):
        raise UserError("the options must be names with values")
    options = {str(k): v for k, v in given.items() if v is not None and v != ""}
    checked = check(job.config, options)
    for value in options.values():
        if isinstance(value, str):
            _check_text(folder, value)
    typed = ["train", job.name, *(_data(folder, part) for part in data_of(wanted))]
    for field in dataclasses.fields(job.config):
        value = getattr(checked, field.name)
        if field.name in options and value != field.default:
            typed += _flag(label(field), value)
    return typed


def data_of(wanted: Mapping[str, Any]) -> list[str]:
    """The data of a training, as they were typed."""
    lines = [line.strip() for line in str(wanted.get("data") or "").split("\n") if line.strip()]
    if not lines:
        raise UserError("give the data: a folder, a file, or the name of a built-in set")
    return lines


def command(typed: list[str]) -> str:
    """A command line to copy."""
    return shlex.join(["handloom", *typed])


def is_set(name: str) -> bool:
    """Whether a built-in set of any job has that name."""
    jobs = map(find_job, JOBS)
    return any(name in job.sets() for job in jobs if job.sets is not None)


def _data(folder: Folder, typed: str) -> str:
    """Data as they are typed; a built-in set by its name, anything else must lie in the folder."""
    if typed.startswith("-"):
        raise UserError(f"'{typed}' is not data: a name must not begin with -")
    if not is_set(typed):
        path = folder.data(typed)
        folder.check_links(path)
        return str(path.relative_to(folder.root)) if path.is_relative_to(folder.root) else str(path)
    return typed


def _flag(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    return [f"--{name}={value}"] if str(value).startswith("-") else [f"--{name}", str(value)]


def _check_text(folder: Folder, value: str) -> None:
    """Raises UserError for an option that names a place outside, or cannot be typed."""
    if "\0" in value:
        raise UserError(f"{value!r} cannot be typed: leave out the zero byte")
    if _may_be_path(folder, value):
        folder.data(value)


def _may_be_path(folder: Folder, value: str) -> bool:
    """Whether an option may name a file: what does not exist inside must not lead outside."""
    if value.startswith(("/", "~", "\\")) or ".." in value or ":\\" in value:
        return True
    try:
        return (folder.root / value).exists()
    except (OSError, ValueError):
        return False


def changed(config: type, options: Mapping[str, Any]) -> list[str]:
    """Names of the options that have another value than by default, or were left open."""
    return [
        field.name
        for field in dataclasses.fields(config)
        if options.get(field.name) not in (None, field.default)
    ]
