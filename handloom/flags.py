"""Command-line flags: a record of options for each verb, parsed by tyro."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

Flag = tuple[str, Any, Any]
"""name, annotated type, default; a positional argument may have no default (`REQUIRED`)."""

REQUIRED = dataclasses.MISSING


def positional(name: str, kind: Any, help: str, default: Any = REQUIRED) -> Flag:
    """An argument known by its place."""
    from tyro.conf import Positional, arg

    label = name.upper() + ("..." if get_origin(kind) is list else "")
    hint = "" if default is REQUIRED else "(may be left out)"
    about = arg(metavar=label, help=help, help_behavior_hint=hint)
    return name, Annotated[Positional[kind], about], default  # type: ignore[misc]


def flag(name: str, kind: Any, help: str, default: Any = None, spelled: str | None = None) -> Flag:
    """A --flag; a default of None means that it is chosen, or absent."""
    from tyro.conf import FlagCreatePairsOff, arg

    hint = None if default is not None else ""
    metavar = None if kind is bool else _metavar(kind)
    kind = FlagCreatePairsOff[kind] if kind is bool else kind  # type: ignore[misc]
    return (
        name,
        Annotated[kind, arg(name=spelled, metavar=metavar, help=help, help_behavior_hint=hint)],
        default,
    )


def config_flags(config: type) -> list[Flag]:
    """One flag for every option of a job's Config, in its order."""
    hints = get_type_hints(config)
    own = list(dataclasses.fields(config))
    own.sort(key=lambda f: f.name in {base.name for base in _inherited(config)})
    return [flag(f.name, hints[f.name], f.metadata["help"], f.default) for f in own]


def parse(flags: Sequence[Flag], argv: list[str], prog: str, about: str) -> dict[str, Any]:
    """What was typed, by name; prints help or what is wrong, and exits, as tyro does."""
    import tyro

    fields = [
        (name, kind, dataclasses.field(default=default))
        if default is not REQUIRED
        else (name, kind)
        for name, kind, default in flags
    ]
    shape = dataclasses.make_dataclass("Arguments", fields)
    typed: Any = tyro.cli(shape, args=argv, prog=prog, description=about)
    return {f.name: getattr(typed, f.name) for f in dataclasses.fields(typed)}


def _inherited(config: type) -> tuple[dataclasses.Field[Any], ...]:
    base = config.__mro__[1]
    return dataclasses.fields(base) if dataclasses.is_dataclass(base) else ()


def _metavar(kind: Any) -> str:
    """INT, PATH or a|b, without the None that a person cannot want to type."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(k for k in get_args(kind) if k is not type(None))
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if kind is bool:
        return "True|False"
    return {int: "INT", float: "FLOAT", Path: "PATH"}.get(kind, "TEXT")
