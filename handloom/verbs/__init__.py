"""What can be done with a finished run: one file per job, one function per verb.

Each takes the loaded run first and returns plain records that can be printed as JSON. Two are
not for the command line: `finish(run)`, where a job has one, is called once after training instead
of `evaluate`, and `sentence(found)` puts an evaluation into one line.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from handloom.errors import UserError

INNER = ("finish", "sentence")
VERBS = {
    "classifier": ("handloom.verbs.classifier", ("evaluate", "predict", "finish", "sentence")),
    "text-classifier": (
        "handloom.verbs.text_classifier",
        ("evaluate", "predict", "report", "sentence"),
    ),
    "stylize": ("handloom.stylizing", ("resume",)),
    "char-rnn": ("handloom.verbs.char_rnn", ("evaluate", "sample", "report", "sentence")),
    "gan": ("handloom.verbs.gan", ("evaluate", "finish", "sentence")),
}


def can(job: str, verb: str) -> bool:
    """Whether a job has a verb."""
    return verb in VERBS[job][1]


def find(job: str, verb: str) -> Callable[..., Any]:
    """The function of a job's verb; a UserError says what the job can do instead."""
    module, verbs = VERBS[job]
    if verb not in verbs:
        raise UserError(
            f"a {job} cannot {verb}: it can {' and '.join(v for v in verbs if v not in INNER)}"
        )
    found: Callable[..., Any] = vars(import_module(module))[verb]
    return found
