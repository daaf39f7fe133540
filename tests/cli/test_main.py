"""The command line as a whole: statuses, help without torch, what is printed where."""

import os
import subprocess
import sys

import pytest

from handloom.cli.main import VERBS, main
from handloom.jobs import JOBS, find_job

TRAINED = [name for name in JOBS if find_job(name).command == "train"]


def test_help_names_every_verb_and_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--help"], ["-h"], ["help"]):
        assert main(words) == 0
        text = capsys.readouterr().out
        assert all(f"handloom {verb}" in text for verb in VERBS)
        assert all(job in text for job in JOBS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    import handloom

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{handloom.__version__}\n"


def test_train_help_lists_the_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"{job} " in text for job in TRAINED)


def test_no_help_needs_torch() -> None:
    """Of no verb and no job, all in one process; each prints its usage to standard output."""
    code = """
import contextlib, io, sys
from handloom.cli.main import VERBS, main
from handloom.jobs import JOBS, find_job
commands = [["--help"], ["train", "--help"], *([verb, "--help"] for verb in VERBS)]
commands += [["train", job, "--help"] for job in JOBS if find_job(job).command == "train"]
for words in commands:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            status = main(words)
        except SystemExit as stop:
            status = stop.code
    assert status == 0, words
    assert "usage" in out.getvalue() or words == ["--help"], (words, out.getvalue())
slow = {"torch", "torchvision", "sklearn", "pandas", "matplotlib", "numpy"} & set(sys.modules)
assert not slow, slow
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("trian", "train"), ("predcit", "predict"), ("Train", "train"), ("stylise", "stylize")],
)
def test_the_nearest_verb_is_suggested(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed]) == 2
    assert capsys.readouterr().err == (
        f"handloom: there is no verb '{typed}': did you mean '{meant}'?\n"
    )


def test_a_strange_verb_gets_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zzz"]) == 2
    assert capsys.readouterr().err == (
        f"handloom: there is no verb 'zzz': choose one of {', '.join(VERBS)}\n"
    )


def test_the_nearest_job_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "text_classifier", "x.csv"]) == 2
    assert "did you mean 'text-classifier'?" in capsys.readouterr().err


def test_an_error_is_one_line_without_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", "a\nb\x1b[31m[bold]\u202e"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(r"handloom: a\nb\x1b[31m[bold]\u202e is not a run")
    assert captured.err.count("\n") == 1


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("handloom.runs.overview.overview", interrupted)
    assert main(["runs"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sh and no head")
def test_a_library_that_is_missing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a machine where exported files are used without torch."""
    monkeypatch.setitem(sys.modules, "handloom.cli.commands.train", None)
    with pytest.raises(ModuleNotFoundError):  # one of our own is a fault of ours
        main(["train", "vae", "digits"])
    monkeypatch.setitem(VERBS, "runs", "torchless.commands")
    assert main(["runs"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("handloom: 'handloom runs' needs torchless, which is not installed")
    assert printed.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """As in `handloom --help | head -1`."""
    shell = f"'{sys.executable}' -m handloom --help | head -1"
    ended = subprocess.run(["sh", "-c", shell], capture_output=True, text=True)
    assert ended.stdout.startswith("handloom: ")
    assert ended.stderr == ""


def test_every_verb_says_what_a_terminal_waits_for() -> None:
    from handloom.cli.main import DOING, VERBS

    assert set(VERBS) - set(DOING) == {"studio", "serve", "fetch"}  # which say it themselves
