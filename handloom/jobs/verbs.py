"""What can be done with a finished run: one function per verb, in the file that VERBS names.

Each takes the loaded run first and returns plain records that can be printed as JSON; those of
`verbs.generative` return images and codes. Three are not for the command line: `finish(run)`,
where a job has one, is called once after training instead of `evaluate`, `sentence(found)` puts
an evaluation into one line, and `manifold(run)` is for Python and the report.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from handloom.errors import UserError
from handloom.wording import join_and, with_article

INNER = ("finish", "sentence", "manifold")


def _of(module: str, *verbs: str) -> dict[str, str]:
    return dict.fromkeys(verbs, f"handloom.jobs.{module}")


DRAWING = _of("generation.verbs", "sample", "interpolate", "manifold", "report")
CODING = _of("generation.verbs", "encode", "reconstruct")
VERBS: dict[str, dict[str, str]] = {
    "classifier": _of("classifier.verbs", "evaluate", "predict", "finish", "sentence"),
    "text-classifier": _of("text_classifier.verbs", "evaluate", "predict", "report", "sentence"),
    "char-rnn": _of("char_rnn.verbs", "evaluate", "sample", "report", "sentence"),
    "autoencoder": _of("autoencoder.verbs", "evaluate", "finish", "sentence") | CODING | DRAWING,
    "vae": _of("vae.verbs", "evaluate", "finish", "sentence") | CODING | DRAWING,
    "gan": _of("gan.verbs", "evaluate", "finish", "sentence") | DRAWING,
    "stylize": {"resume": "handloom.jobs.stylize.painting"},
}
"""Job -> verb -> the module whose function has the verb's name."""


def can(job: str, verb: str) -> bool:
    """Whether a job has a verb."""
    return verb in VERBS[job]


def find(job: str, verb: str) -> Callable[..., Any]:
    """The function of a job's verb; a UserError says what the job can do instead."""
    verbs = VERBS[job]
    if verb not in verbs:
        there = [v for v in verbs if v not in INNER]
        raise UserError(f"{with_article(job)} cannot {verb}: it can {join_and(there)}")
    found: Callable[..., Any] = vars(import_module(verbs[verb]))[verb]
    return found
