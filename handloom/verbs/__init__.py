"""What can be done with a finished run: one file per job, one function per verb.

Each takes the loaded run first and returns plain records that can be printed as JSON. Besides,
`sentence(found)` puts an evaluation into one line for the terminal.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from handloom.errors import UserError

VERBS = {
    "classifier": ("handloom.verbs.classifier", ("evaluate", "predict", "sentence")),
    "stylize": ("handloom.stylizing", ("resume",)),
}


def find(job: str, verb: str) -> Callable[..., Any]:
    """The function of a job's verb; a UserError says what the job can do instead."""
    module, verbs = VERBS[job]
    if verb not in verbs:
        raise UserError(
            f"a {job} cannot {verb}: it can {' and '.join(v for v in verbs if v != 'sentence')}"
        )
    found: Callable[..., Any] = vars(import_module(module))[verb]
    return found
