"""What a language model takes where options are left open, by the length of the text."""

from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.jobs.char_rnn.build import load, resolve
from handloom.jobs.char_rnn.config import Config
from handloom.jobs.char_rnn.defaults import SMALL, STEPS, defaults_for


def test_short_texts_get_as_many_steps_as_they_need() -> None:
    plans = [defaults_for(n, None, None) for n in range(200, SMALL, 777)]
    batches = [plan["batch"] for plan in plans]
    assert (batches[0], batches[-1]) == (1, 16)
    assert batches == sorted(batches)
    widths = [plan["hidden"] for plan in plans]
    assert widths == sorted(widths)
    for characters, plan in zip(range(200, SMALL, 777), plans, strict=True):
        per_epoch = max(3, characters // (plan["batch"] * plan["seq_len"]))
        assert plan["epochs"] * per_epoch > 0.9 * STEPS
        assert plan["epochs"] >= 20
    assert plans[-1]["epochs"] == 20
    assert defaults_for(SMALL, None, None)["epochs"] == 10


def test_steps_are_counted_by_the_batch_that_is_given() -> None:
    assert defaults_for(9_000, 16, None)["epochs"] > 1.9 * defaults_for(9_000, 8, None)["epochs"]
    assert defaults_for(9_000, None, 32)["epochs"] < defaults_for(9_000, None, 64)["epochs"]


def test_regular_lines_are_learned(tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_text("".join(f"item {n}: {n % 5} of a box of 5\n" for n in range(100, 200)))
    run = handloom.train("char-rnn", text, out=tmp_path / "run", quiet=True, hidden=48)
    assert run.evaluation is not None
    assert run.evaluation["bits_per_character"] < 0.5


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "scratch"])
@pytest.mark.parametrize("preset", [None, "tutorial"])
def test_a_rate_goes_with_its_optimizer(cell: Any, preset: Any, tmp_path: Path) -> None:
    """Adam's would leave SGD where it began, and SGD's would throw Adam about."""
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"item {n} of a box\n" for n in range(100, 200)))

    def lr(optimizer: Any) -> float:
        config = Config(cell=cell, preset=preset, optimizer=optimizer)
        return resolve(config, load(config, str(path), lambda *_: None)).lr

    assert lr("sgd") > 100 * lr("adam")
    assert lr(None) in (lr("sgd"), 1e-2 if preset and cell == "lstm" else lr("adam"))


def test_plain_sgd_learns(tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_text("".join(f"item {n}: {n % 5} of a box of 5\n" for n in range(100, 200)))
    run = handloom.train(
        "char-rnn", text, out=tmp_path / "run", quiet=True, hidden=48, optimizer="sgd"
    )
    assert run.evaluation is not None
    assert run.evaluation["bits_per_character"] < 1.0
