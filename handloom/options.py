"""The edge: what a person typed or passed becomes a checked Config."""

import dataclasses
import difflib
from typing import Annotated, Any, TypeVar, get_type_hints

from handloom.errors import UserError

C = TypeVar("C")


def check(config: type[C], values: dict[str, Any]) -> C:
    """A `config` from `values`; a UserError says which option breaks which rule.

    Types are checked, and converted only where nothing is lost ("3" and 3.0 become 3).
    """
    from pydantic import Field, ValidationError, create_model

    fields = {f.name: f for f in dataclasses.fields(config)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"options are {', '.join(fields)}"
            raise UserError(f"there is no option '{name}': {hint}")
    hints = get_type_hints(config)
    shape: dict[str, Any] = {
        name: (
            Annotated[hints[name], Field(ge=f.metadata.get("low"), le=f.metadata.get("high"))]
            if f.metadata.get("low") is not None or f.metadata.get("high") is not None
            else hints[name],
            f.default,
        )
        for name, f in fields.items()
    }
    try:
        checked = create_model(config.__name__, **shape)(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise UserError(
            f"--{name.replace('_', '-')} {first['input']}: {_rule(first['msg'])}; "
            f"{fields[name].metadata.get('help', '')}"
        ) from None
    return config(**{name: getattr(checked, name) for name in fields})


def _rule(message: str) -> str:
    return message[:1].lower() + message[1:]
