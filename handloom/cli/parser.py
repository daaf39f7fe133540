"""Command-line flags: a record of options for each verb, parsed by tyro."""

import dataclasses
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from handloom.config import plain, refusal, wording
from handloom.errors import UserError
from handloom.wording import nearest

REQUIRED = dataclasses.MISSING
SPOKEN = ("true", "false", "yes", "no", "on", "off")  # values of a flag, right or wrong, not data


class Flag(NamedTuple):
    """One argument; a positional one may have no default (`REQUIRED`)."""

    name: str
    kind: Any
    help: str
    default: Any
    label: str
    is_positional: bool = False
    synonyms: tuple[str, ...] = ()


def positional(name: str, kind: Any, help: str, default: Any = REQUIRED) -> Flag:
    """An argument known by its place."""
    label = name.upper() + ("..." if get_origin(kind) is list else "")
    label = label if default is REQUIRED else f"[{label}]"
    return Flag(name, kind, help, default, label, is_positional=True)


def flag(
    name: str,
    kind: Any,
    help: str,
    default: Any = None,
    label: str | None = None,
    synonyms: tuple[str, ...] = (),
) -> Flag:
    """A --flag; a default of None means that it is chosen, or absent. label: what is typed."""
    return Flag(name, kind, help, default, label or name, synonyms=synonyms)


def config_flags(config: type) -> list[Flag]:
    """One flag for every option of a dataclass, in its order; inherited ones come last."""
    hints = get_type_hints(config)
    own = list(dataclasses.fields(config))
    own.sort(key=lambda f: f.name in {base.name for base in _inherited(config)})
    return [
        flag(
            f.name,
            hints[f.name],
            f.metadata["help"],
            f.default,
            f.metadata["flag"],
            f.metadata["synonyms"],
        )
        for f in own
    ]


def parse(flags: Sequence[Flag], argv: list[str], prog: str, about: str) -> dict[str, Any]:
    """What was typed, by name; a UserError says what is wrong, and --help exits, as tyro does."""
    if {"-h", "--help"} & set(argv):
        argv = ["--help"]  # before anything that is wrong
    elif not any(word.startswith("--tyro-") for word in argv):  # for completion in a shell
        argv = _checked(flags, argv, f"'{prog} --help' lists what it takes")
    import tyro

    fields = [
        (item.name, _typed(item), _field(item.default))
        if item.default is not REQUIRED
        else (item.name, _typed(item))
        for item in flags
    ]
    shape = dataclasses.make_dataclass("Arguments", fields)
    typed: Any = tyro.cli(shape, args=argv, prog=prog, description=about)
    return {f.name: getattr(typed, f.name) for f in dataclasses.fields(typed)}


def _field(default: Any) -> Any:
    """A field of a dataclass, for which a list is a mutable default."""
    if isinstance(default, list):
        return dataclasses.field(default_factory=lambda: list(default))
    return dataclasses.field(default=default)


def _typed(item: Flag) -> Any:
    """The type as tyro wants it, with all that its help shows."""
    from tyro.conf import FlagCreatePairsOff, Positional, UseAppendAction, arg

    if item.is_positional:
        described = arg(metavar=item.label, help=item.help, help_behavior_hint="")
        return Annotated[Positional[item.kind], described]  # type: ignore[name-defined,misc]
    is_on = item.kind is bool and item.default is True
    described = arg(
        name=item.label,
        metavar=None if item.kind is bool else _metavar(item.kind),
        help=f"do not {item.help}" if is_on else item.help,  # its help shows --no-flag alone
        help_behavior_hint="" if item.default is None or is_on else None,
    )
    if item.kind is bool:
        return Annotated[FlagCreatePairsOff[bool], described]
    if get_origin(item.kind) is list:  # a flag that may be given several times
        return Annotated[UseAppendAction[item.kind], described]  # type: ignore[name-defined,misc]
    return Annotated[item.kind, described]


def _checked(flags: Sequence[Flag], argv: list[str], more: str) -> list[str]:
    """`argv` as tyro takes it; refuses in one sentence what tyro would refuse in many lines.

    A value that begins with "-" is joined to its flag. What comes after "--" is not a flag. What is
    true or false may be written --flag or --no-flag, whichever of them is the default.
    """
    named = {item.label.replace("_", "-"): item for item in flags if not item.is_positional}
    negated = {f"no-{label}": item for label, item in named.items() if plain(item.kind) is bool}
    known = negated | named
    before, dashes, after = _split(argv)
    words, checked, loose = deque(before), list[str](), list[str]()
    switches: dict[str, list[str]] = {}
    while words:
        word = words.popleft()
        if word.startswith("-") and word != "-" and not _fits(float, word):
            item = known.get(_name(word))
            made = _checked_flag(word, words, known, more)
            if item is not None and item.kind is bool:
                switches[item.label] = made  # the last one counts
            else:
                checked += made
        else:
            checked.append(word)
            loose.append(word)
    _check_places([item for item in flags if item.is_positional], loose + after, more)
    return [*checked, *(word for made in switches.values() for word in made), *dashes, *after]


def _name(word: str) -> str:
    """What a flag is called, with dashes."""
    return word.partition("=")[0].removeprefix("--").replace("_", "-")


def _split(argv: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What stands before "--", that itself, and what comes after it."""
    place = argv.index("--") if "--" in argv else len(argv)
    return argv[:place], argv[place : place + 1], argv[place + 1 :]


def _check_places(places: Sequence[Flag], typed: Sequence[str], more: str) -> None:
    needed = [item for item in places if item.default is REQUIRED]
    if len(typed) < len(needed):
        missing = needed[len(typed)]
        raise UserError(f"{missing.label} is missing ({missing.help}): {more}")
    if len(typed) > len(places) and not any(get_origin(item.kind) is list for item in places):
        raise UserError(f"'{typed[len(places)]}' is one word too many: {more}")


def _checked_flag(word: str, words: deque[str], known: dict[str, Flag], more: str) -> list[str]:
    name, equals, value = word.partition("=")
    item = known.get(_name(word)) if name[:2] == "--" else None
    if item is None:
        raise UserError(f"there is no flag '{name}': {_hint(name, known, more)}")
    if plain(item.kind) is bool:
        return _boolean(item, name, value if equals else None, words)
    typed = value if equals else words.popleft() if words else None
    is_next = not equals and typed is not None and typed.partition("=")[0][2:] in known
    if typed is None or (is_next and not _fits(plain(item.kind), typed)):
        raise UserError(f"{name} needs a value, {wording(item.kind)} ({item.help})")
    if not _fits(plain(item.kind), typed):
        raise refusal(item.label, typed, wording(item.kind), item.help)
    return [f"{name}={typed}"]


def _boolean(item: Flag, name: str, typed: str | None, words: deque[str]) -> list[str]:
    """--flag, --no-flag, --flag=True or, where it may be left open, --flag True, as tyro has it."""
    label = item.label.replace("_", "-")
    is_named = _name(name) == label
    if typed is None and is_named and words and words[0].lower() in SPOKEN:
        typed = words.popleft()
    if typed is not None and (not _fits(bool, typed) or not is_named):
        raise refusal(item.label, typed, wording(item.kind), item.help)
    wanted = typed == "True" if typed is not None else is_named
    if item.kind is not bool:
        return [f"--{label}={wanted}"]
    if wanted == item.default:
        return []
    return [f"--{label}" if wanted else f"--no-{label}"]


def _hint(typed: str, known: dict[str, Flag], more: str) -> str:
    """The flag that was probably meant: known elsewhere by this name, or spelled alike."""
    if " " in typed:
        return "write -- before a text that begins with -"
    name = typed.lstrip("-").replace("_", "-")
    meant = next((label for label, item in known.items() if name in item.synonyms), None)
    meant = meant or nearest(name, known)
    if meant is not None:
        return f"did you mean --{meant}?"
    return f"{more}; write -- before a text that begins with -" if typed[:2] != "--" else more


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
