"""What the verbs of several jobs say of their options."""

from pathlib import Path

import pytest

from handloom.cli.commands.shared import verb_flags
from handloom.cli.main import main
from handloom.config import plain


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The help of a verb, in one line."""
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    assert stop.value.code == 0
    lines = [line.strip("│ ") for line in capsys.readouterr().out.splitlines()]
    return " ".join(" ".join(lines).split())


def test_help_says_which_option_is_for_which_job(capsys: pytest.CaptureFixture[str]) -> None:
    help = shown(capsys, "sample")
    assert "--length INT char-rnn: characters to write (default: 200)" in help
    assert "--count INT char-rnn: texts to write; autoencoder, vae, gan: images to generate" in help
    assert "'handloom sample RUN --help' lists only what that run takes" in help
    assert "--top INT list this many" in shown(capsys, "predict")  # of every job with the verb


def test_help_for_a_run_has_the_options_of_its_job(
    capsys: pytest.CaptureFixture[str], digits_run: Path
) -> None:
    help = shown(capsys, "predict", str(digits_run))
    assert "--root TEXT folder that the paths in a table are relative to" in help
    assert "--target-column" not in help


@pytest.mark.parametrize("verb", ["sample", "predict", "evaluate", "encode", "interpolate"])
def test_an_option_whose_default_differs_may_be_left_open(verb: str) -> None:
    for flag in verb_flags(verb, []):
        assert flag.default is not None or plain(flag.kind) != flag.kind, flag


def test_a_verb_that_the_job_does_not_have_is_refused_before_its_flags(
    capsys: pytest.CaptureFixture[str], digits_run: Path
) -> None:
    assert main(["sample", str(digits_run), "--seed", "1"]) == 2
    assert "'sample' is not available for classifier runs; available: " in capsys.readouterr().err
