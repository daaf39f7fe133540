"""Command-line flags: a record of options for each verb, parsed by tyro."""

import dataclasses
import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from handloom.config import plain, refusal, wording
from handloom.errors import UserError

REQUIRED = dataclasses.MISSING


class Flag(NamedTuple):
    """One argument; a positional one may have no default (`REQUIRED`)."""

    name: str
    kind: Any
    help: str
    default: Any
    spelled: str
    is_positional: bool = False


def positional(name: str, kind: Any, help: str, default: Any = REQUIRED) -> Flag:
    """An argument known by its place."""
    label = name.upper() + ("..." if get_origin(kind) is list else "")
    return Flag(name, kind, help, default, label, is_positional=True)


def flag(name: str, kind: Any, help: str, default: Any = None, spelled: str | None = None) -> Flag:
    """A --flag; a default of None means that it is chosen, or absent."""
    return Flag(name, kind, help, default, spelled or name)


def config_flags(config: type) -> list[Flag]:
    """One flag for every option of a dataclass, in its order; inherited ones come last."""
    hints = get_type_hints(config)
    own = list(dataclasses.fields(config))
    own.sort(key=lambda f: f.name in {base.name for base in _inherited(config)})
    return [
        flag(f.name, hints[f.name], f.metadata["help"], f.default, f.metadata["flag"]) for f in own
    ]


def parse(flags: Sequence[Flag], argv: list[str], prog: str, about: str) -> dict[str, Any]:
    """What was typed, by name; a UserError says what is wrong, and --help exits, as tyro does."""
    if {"-h", "--help"} & set(argv):
        argv = ["--help"]  # before anything that is wrong
    elif not any(word.startswith("--tyro-") for word in argv):  # for completion in a shell
        _check(flags, argv, prog)
    import tyro

    fields = [
        (one.name, _typed(one), dataclasses.field(default=one.default))
        if one.default is not REQUIRED
        else (one.name, _typed(one))
        for one in flags
    ]
    shape = dataclasses.make_dataclass("Arguments", fields)
    typed: Any = tyro.cli(shape, args=argv, prog=prog, description=about)
    return {f.name: getattr(typed, f.name) for f in dataclasses.fields(typed)}


def _typed(one: Flag) -> Any:
    """The type as tyro wants it, with all that its help shows."""
    from tyro.conf import FlagCreatePairsOff, Positional, arg

    if one.is_positional:
        hint = "" if one.default is REQUIRED else "(may be left out)"
        described = arg(metavar=one.spelled, help=one.help, help_behavior_hint=hint)
        return Annotated[Positional[one.kind], described]  # type: ignore[name-defined,misc]
    described = arg(
        name=one.spelled,
        metavar=None if one.kind is bool else _metavar(one.kind),
        help=one.help,
        help_behavior_hint=None if one.default is not None else "",
    )
    if one.kind is bool:
        return Annotated[FlagCreatePairsOff[bool], described]
    return Annotated[one.kind, described]


def _check(flags: Sequence[Flag], argv: list[str], prog: str) -> None:
    """Refuse in one sentence what tyro would refuse in a box of many lines."""
    more = f"'{prog} --help' lists what it takes"
    places = [one for one in flags if one.is_positional]
    known = {
        f"--{'no-' if one.default is True else ''}{one.spelled}".replace("_", "-"): one
        for one in flags
        if not one.is_positional
    }
    words, loose = iter(argv), list[str]()
    for word in words:
        if word.startswith("-") and word not in ("-", "--") and not _fits(float, word):
            _check_flag(word, words, known, more)
        else:
            loose.append(word)
    needed = [one for one in places if one.default is REQUIRED]
    if len(loose) < len(needed):
        missing = needed[len(loose)]
        raise UserError(f"{missing.spelled} is missing ({missing.help}): {more}")
    if len(loose) > len(places) and not any(get_origin(one.kind) is list for one in places):
        raise UserError(f"'{loose[len(places)]}' is one word too many: {more}")


def _check_flag(word: str, words: Iterator[str], known: dict[str, Flag], more: str) -> None:
    name, equals, value = word.partition("=")
    one = known.get(name.replace("_", "-"))
    if one is None:
        near = difflib.get_close_matches(name, known, 1)
        raise UserError(
            f"there is no flag '{name}': " + (f"did you mean {near[0]}?" if near else more)
        )
    if one.kind is bool:
        return
    typed = value if equals else next(words, None)
    if typed is None:
        raise UserError(f"{name} needs a value, {wording(one.kind)} ({one.help})")
    if not _fits(plain(one.kind), typed):
        raise refusal(one.spelled, typed, wording(one.kind), one.help)


def _fits(kind: Any, typed: str) -> bool:
    if get_origin(kind) is Literal:
        return typed in get_args(kind)
    if kind is bool:
        return typed in ("True", "False")
    try:
        return kind not in (int, float) or kind(typed) is not None
    except ValueError:
        return False


def _inherited(config: type) -> tuple[dataclasses.Field[Any], ...]:
    base = config.__mro__[1]
    return dataclasses.fields(base) if dataclasses.is_dataclass(base) else ()


def _metavar(kind: Any) -> str:
    """INT, PATH or a|b."""
    kind = plain(kind)
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if kind is bool:
        return "True|False"
    return {int: "INT", float: "FLOAT", Path: "PATH"}.get(kind, "TEXT")
