"""Errors name flags on the command line, and arguments in Python."""

import inspect

import pytest

import handloom
from handloom.cli.main import main
from handloom.errors import ARGUMENTS, UserError, as_arguments
from handloom.jobs import JOBS, find_job

QUIET = {"Repeats", "Embedding", "UserError"}  # classes whose methods take no options


@pytest.mark.parametrize(
    ("flags", "arguments"),
    [
        (
            "--class 3: must be text (class to generate)",
            "label=3: must be text (class to generate)",
        ),
        ("leave out --no-mix-channels", "leave out mix_channels=False"),
        ("or give --validation 0", "or give validation=0"),
        ("give --epochs N or --minutes M", "give epochs=N or minutes=M"),
        ("--group folder: images lie in", "group=folder: images lie in"),
        ("which 'handloom export RUN --format onnx' makes", None),
        ("no file -- and none below a--b", None),
    ],
)
def test_flags_become_arguments(flags: str, arguments: str | None) -> None:
    assert as_arguments(flags) == (arguments or flags)


def test_python_names_arguments_and_a_command_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"^epochs=0: must be") as refused:
        handloom.train("simclr", "digits", epochs=0, quiet=True)
    assert "--" not in str(refused.value)
    assert main(["train", "simclr", "digits", "--epochs", "0"]) == 2
    assert "--epochs 0: must be" in capsys.readouterr().err
    with pytest.raises(UserError, match=r"^epochs=0"):  # after a command as before it
        handloom.train("simclr", "digits", epochs=0, quiet=True)


def test_all_of_the_api_names_arguments() -> None:
    for name in handloom.__all__:
        public = getattr(handloom, name)
        if inspect.isclass(public):
            methods = {n: m for n, m in vars(public).items() if inspect.isfunction(m)}
            public = [] if name in QUIET else [
                method for n, method in methods.items()
                if n == "__call__" or (not n.startswith("_") and n not in ("describe", "call"))
            ]  # fmt: skip
        for function in public if isinstance(public, list) else [public]:
            assert hasattr(function, "__wrapped__"), function


def test_options_with_a_flag_of_another_name_are_known() -> None:
    for job in map(find_job, JOBS):
        configs = [job.config, *(verb.options for verb in job.verbs.values() if verb.options)]
        for config in configs:
            for field in config.__dataclass_fields__.values():
                if (flag := field.metadata.get("flag")) is not None:
                    assert ARGUMENTS[flag] == field.name
