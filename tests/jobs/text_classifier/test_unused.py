"""Options that a training of texts does not use are named, and left out of what repeats it."""

import shlex
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.cli.main import main
from handloom.cli.parser import config_flags, parse
from handloom.jobs.pages import training_command
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.unused import unused


def names(**options: Any) -> set[str]:
    return set(unused(vars(Config()) | options))


def test_what_is_not_used_depends_on_the_network() -> None:
    assert {"lr", "hidden", "pool", "weights", "window"} <= names(network="linear")
    assert "strength" not in names(network="linear")
    assert {"epochs", "units"} <= names(network="sentence:x")
    assert not {"strength", "weights", "class_weights"} & names(network="sentence:x")
    assert names(network="lstm") == {"weights", "strength", "freeze_vectors"}
    assert names(network="lstm", tfidf=True, vectors="v.txt") == {"weights"}
    assert {"layers", "pool"} <= names(network="cnn") - {"hidden"}
    assert "hidden" in names(network="bag")
    for network in ("linear", "bag", "cnn", "sentence:x"):
        assert names(network=network) <= set(vars(Config()))


def test_a_linear_model_names_them_and_its_command_parses_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "run"
    lines = [f"a {'good' if i % 2 else 'bad'} film number {i},{i % 2}" for i in range(80)]
    table.write_text("text,target\n" + "\n".join(lines) + "\n", encoding="utf-8")
    words = ["--network", "linear", "--lr", "3", "--hidden", "7", "--strength", "2"]
    assert main(["train", "text-classifier", str(table), *words, "--out", str(out)]) == 0
    shown = " ".join("".join(capsys.readouterr()).split())
    assert "--lr and --hidden are not used: linear is solved in closed form" in shown
    typed = shlex.split(training_command(handloom.open(out).loaded))
    given = parse(config_flags(Config), typed[4:], "x", "y")
    assert (given["network"], given["strength"], given["lr"]) == ("linear", 2.0, None)
    assert given["hidden"] is None
