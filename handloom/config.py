"""Options: written down once as fields of a dataclass, and checked where they come in."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePath
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from handloom.errors import UserError
from handloom.wording import join_or, suggestion

if TYPE_CHECKING:
    from pydantic import BaseModel

C = TypeVar("C")
SEED = (0, 2**32 - 1)
"""The range of every seed: what torch, NumPy and scikit-learn all take."""
KINDS = {int: "a whole number", float: "a number", bool: "True or False", Path: "a path"}


def option(
    default: Any,
    help: str,
    low: float | None = None,
    high: float | None = None,
    flag: str | None = None,
    synonyms: tuple[str, ...] = (),
    is_path: bool = False,
    formerly: tuple[str, ...] = (),
    absent: Any = None,
) -> Any:
    """A dataclass field with its help and its range (both ends included).

    A default of None means: chosen for the network and the size of the data, and recorded.
    flag: what is typed, where that is not the field's name. synonyms: what people type who know it
    by another name; they are answered with the right one. is_path: it may name a file or folder,
    which is recorded in full. formerly: names that runs of earlier versions have it under. absent:
    what a run was trained with that does not have it at all, since its version did not; None where
    that is the default.
    """
    metadata = {"help": help, "low": low, "high": high, "flag": flag, "synonyms": synonyms}
    metadata |= {"is_path": is_path, "formerly": formerly, "absent": absent}
    return dataclasses.field(default=default, metadata=metadata)


def path_options(config: type) -> list[str]:
    """Names of the options that may name a file or folder."""
    return [f.name for f in dataclasses.fields(config) if f.metadata.get("is_path")]


def check(config: type[C], values: Mapping[str, Any]) -> C:
    """A `config` from `values`; a UserError says which option breaks which rule.

    Types are checked, and converted only where nothing is lost ("3" and 3.0 become 3).
    """
    from pydantic import ValidationError

    fields = {f.name: f for f in dataclasses.fields(config)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            raise UserError(f"there is no option '{name}': {_meant(name, fields)}")
    typed = {name: str(value) if isinstance(value, PurePath) else value
             for name, value in values.items()}  # fmt: skip
    try:
        checked = _checker(config)(**typed)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        is_kind = first["type"] in ("greater_than_equal", "less_than_equal")
        metadata = fields[name].metadata
        rule = _rule(get_type_hints(config)[name], metadata, is_kind)
        flag, help = metadata.get("flag") or name, metadata.get("help", "")
        raise refusal(flag, first["input"], rule, help) from None
    return config(**{name: getattr(checked, name) for name in fields})


@cache
def _checker(config: type) -> "type[BaseModel]":
    """The pydantic model of a dataclass, made once: it takes longer than a small network answers
    (0.6 ms for the options of `predict`)."""
    from pydantic import ConfigDict, Field, create_model

    hints = get_type_hints(config)
    shape: dict[str, Any] = {
        f.name: (
            Annotated[hints[f.name], Field(ge=f.metadata.get("low"), le=f.metadata.get("high"))]
            if f.metadata.get("low") is not None or f.metadata.get("high") is not None
            else hints[f.name],
            f.default,
        )
        for f in dataclasses.fields(config)
    }
    model: type[BaseModel] = create_model(
        config.__name__, __config__=ConfigDict(allow_inf_nan=False), **shape
    )
    return model


def _meant(name: str, fields: Mapping[str, "dataclasses.Field[Any]"]) -> str:
    """A hint at the option that is known by this name elsewhere, or spelled alike."""
    for field in fields.values():
        if name.replace("_", "-") in field.metadata.get("synonyms", ()):
            return f"did you mean '{field.name}'?"
    return suggestion(name, list(fields))


def refusal(flag: str, value: object, rule: str, help: str) -> UserError:
    """The sentence for an option that breaks a rule."""
    about = f" ({help})" if help else ""
    return UserError(f"--{flag.replace('_', '-')} {value}: must be {rule}{about}")


def plain(kind: Any) -> Any:
    """The type without the None that a person cannot want to type."""
    if get_origin(kind) in (Union, UnionType):
        return next(k for k in get_args(kind) if k is not type(None))
    return kind


def wording(kind: Any) -> str:
    """What a type asks for, in words: a whole number; sgd or adamw."""
    kind = plain(kind)
    return join_or(get_args(kind)) if get_origin(kind) is Literal else KINDS.get(kind, "text")


def _rule(kind: Any, limits: Mapping[str, Any], is_kind: bool) -> str:
    """What a value must be; of one that has the right kind already, its range alone."""
    low, high = limits.get("low"), limits.get("high")
    if low is not None and high is not None:
        start = "above 0, up" if 0 < low < 1e-6 else _number(low)
        span = f"{start} to {_number(high)}"
    else:
        span = "" if low is None else "above 0" if 0 < low < 1e-6 else f"{_number(low)} or more"
    return span if is_kind else ", ".join(filter(None, (wording(kind), span)))


def _number(value: float) -> str:
    """In full where it is whole: 4294967295, not 4.29497e+09."""
    return str(int(value)) if value == int(value) else f"{value:g}"
