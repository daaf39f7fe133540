"""The line a person sees, in a terminal and in a log."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from handloom.engine.callbacks import progress
from handloom.engine.callbacks.progress import ProgressLine, describe
from handloom.engine.loop import Callback, Experiment, Fit

Build = Callable[..., Experiment]
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


def test_a_log_has_first_and_last_epoch(build: Build) -> None:
    out = io.StringIO()
    Fit(build(3), [ProgressLine(Console(file=out, width=200))]).run()
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("epoch 1/3  loss ")
    assert lines[-1].startswith("epoch 3/3  loss ")
    assert "valid accuracy" in lines[-1]
    assert "/s" in lines[-1]
    assert "\x1b" not in out.getvalue()


def test_a_log_speaks_within_a_long_epoch(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(quiet: float) -> list[str]:
        monkeypatch.setattr(progress, "QUIET", quiet)
        out = io.StringIO()
        Fit(build(2), [ProgressLine(Console(file=out, width=200))]).run()
        return out.getvalue().splitlines()

    assert not [line for line in lines(30.0) if "step" in line]
    within = lines(0.0)  # as if every step took long
    assert [line.split("  ")[:2] for line in within[:2]] == [
        ["epoch 1/2", "step 1 of 4"],
        ["epoch 1/2", "step 2 of 4"],
    ]
    assert any("validating" in line for line in within)


@pytest.mark.parametrize("fails", [False, True])
def test_a_terminal_gets_its_cursor_back(build: Build, fails: bool) -> None:
    class Fail(Callback):
        def step(self, fit: Fit) -> None:
            if fails:
                raise RuntimeError("test")

    out = io.StringIO()
    fit = Fit(build(2), [ProgressLine(Console(file=out, force_terminal=True, width=120)), Fail()])
    if fails:
        with pytest.raises(RuntimeError, match="test"):
            fit.run()
    else:
        fit.run()
    text = out.getvalue()
    assert text.rindex(SHOW_CURSOR) > text.rindex(HIDE_CURSOR)


def test_a_long_evaluation_is_named_in_the_bar(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as the last step of the epoch, which it would seem to hang in."""
    clock = iter(range(1000))
    monkeypatch.setattr("handloom.engine.callbacks.progress.time.monotonic", lambda: next(clock))
    out = io.StringIO()
    Fit(build(1), [ProgressLine(Console(file=out, force_terminal=True, width=120))]).run()
    shown = out.getvalue()
    assert shown.index("loss") < shown.index("validating") < shown.index("validating, batch 1 of")


def test_describe_shows_what_matters() -> None:
    record = {"train/loss": 0.12345, "train/accuracy": 0.5, "valid/accuracy": 0.98765}
    assert describe(record) == "loss 0.1235  valid accuracy 98.77 %"


def test_few_examples_show_their_interval() -> None:
    record = {"valid/accuracy": 5 / 6, "valid/accuracy_low": 0.4365, "valid/accuracy_high": 0.97}
    assert describe(record) == "valid accuracy 83.33 % (44 to 97 %)"


def test_stages_that_follow_count_in_the_epochs_and_in_the_time_left(build: Build) -> None:
    def seconds_left(line: ProgressLine, out: io.StringIO) -> float:
        Fit(build(1), [line]).run()
        clock = out.getvalue().splitlines()[-1].split()[-2].split(":")  # hours too, if it is slow
        return sum(60**place * float(part) for place, part in enumerate(reversed(clock)))

    alone, followed = io.StringIO(), io.StringIO()
    assert seconds_left(ProgressLine(Console(file=alone, width=200)), alone) == 0
    line = ProgressLine(Console(file=followed, width=200), epochs_after=4, work_after=1e5)
    assert seconds_left(line, followed) > 10
    assert followed.getvalue().startswith("epoch 1/5  ")
