"""The verbs in Python have the same names and defaults as on the command line."""

import inspect
from dataclasses import fields

import pytest

import handloom
from handloom.jobs import find_job
from handloom.jobs.run import Run


@pytest.mark.parametrize(
    ("method", "job", "verb"),
    [
        (handloom.LanguageModelRun.sample, "char-rnn", "sample"),
        (handloom.LanguageModelRun.stream, "char-rnn", "sample"),
        (handloom.GenerativeRun.sample, "vae", "sample"),
        (handloom.GenerativeRun.encode, "vae", "encode"),
        (handloom.GenerativeRun.reconstruct, "vae", "reconstruct"),
    ],
)
def test_defaults_are_those_of_the_options(method: object, job: str, verb: str) -> None:
    options = find_job(job).verbs[verb].options
    assert options is not None
    assert callable(method)
    given = inspect.signature(method).parameters
    for field in fields(options):
        if field.name in given:
            assert given[field.name].default == field.default, field.name
    # `**options` are the verb's own, checked when it is called.
    named = {name for name, one in given.items() if one.kind != inspect.Parameter.VAR_KEYWORD}
    assert named - {"self", "inputs"} <= {field.name for field in fields(options)}


def test_every_class_of_runs_is_offered() -> None:
    from handloom.jobs import JOBS

    classes = {find_job(name).run.load() for name in JOBS}
    assert classes <= {Run, handloom.GenerativeRun, handloom.LanguageModelRun}
