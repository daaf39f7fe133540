"""What goes wrong because of an input or an option: one sentence, no traceback."""

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
FLAG = re.compile(
    r"(?P<command>'handloom [^']*')|(?<![\w/-])--(?P<no>no-)?"
    r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
    r"(?P<value> (?=-?[0-9.]|['\"(\[]|[A-Z]+\b|True\b|False\b|[a-z][\w-]*:))?"
)
ARGUMENTS = {"class": "label", "from": "from_run"}
"""Flags whose arguments in Python have other names, since these are words of the language."""
_IS_COMMAND: ContextVar[bool] = ContextVar("is_command", default=False)


class UserError(Exception):
    """Something a user can mend.

    The message is one sentence with the offending value, the rule it breaks and the remedy. It
    names options by their flags; what leaves a function of the Python API names its arguments. The
    command line prints it alone and exits with status 2; in Python it is an ordinary exception.
    """


def as_arguments(sentence: str) -> str:
    """A sentence with the arguments of Python in place of flags: `size=64` for `--size 64`.

    Commands in quotes, which are to be typed in a terminal, stay.
    """
    return FLAG.sub(_argument, sentence)


def names_arguments(function: Callable[P, T]) -> Callable[P, T]:
    """A function of the Python API, whose errors name its arguments, unless a command calls it."""

    @functools.wraps(function)
    def named(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except UserError as error:
            if not _IS_COMMAND.get():
                error.args = (as_arguments(str(error)), *error.args[1:])
            raise

    return named


@contextmanager
def commanded() -> Iterator[None]:
    """While a command runs, whose errors name flags."""
    token = _IS_COMMAND.set(True)
    try:
        yield
    finally:
        _IS_COMMAND.reset(token)


def system_refusal(error: OSError) -> str | None:
    """The sentence for a file that the system refuses, as without permission; None where it names
    no file, and so is not of a path that somebody gave."""
    if error.filename is None:
        return None
    return f"cannot use '{error.filename}' ({error.strerror}): check the path"


def _argument(flag: re.Match[str]) -> str:
    if flag["command"]:
        return flag["command"]
    name = ARGUMENTS.get(flag["name"], flag["name"].replace("-", "_"))
    if flag["no"]:
        return f"{name}=False"
    return f"{name}=" if flag["value"] else name
