"""What a training does not use is said, recorded as nothing, left out of pages, and never refused
to a run's own data."""

import shlex
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.cli.main import main
from handloom.cli.parser import config_flags, parse
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.unused import OF_TUNING, unused
from handloom.jobs.images.data import own_data
from handloom.jobs.pages import training_command

from .conftest import ENCODER

IDLE: dict[str, Any] = dict(
    rand_augment=2, mixup=0.5, lr=3.0, label_smoothing=0.5, epochs=20, hflip=True, frozen=0.5
)


@pytest.fixture(scope="module")
def idle_run(photos: Path, encoder_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return handloom.train(
        "classifier", photos, network=ENCODER, weights=str(encoder_weights), tune="head",
        quiet=True, out=tmp_path_factory.mktemp("runs") / "idle", **IDLE,
    )  # fmt: skip


def test_a_head_names_every_option_that_it_does_not_use(
    photos: Path, encoder_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--network", ENCODER, "--weights", str(encoder_weights), "--minutes", "1"]
    for name, value in IDLE.items():
        words += [f"--{name.replace('_', '-')}", str(value)] * (name != "epochs")
    assert main(["train", "classifier", str(photos), *words, "--out", str(tmp_path / "run")]) == 0
    shown = " ".join("".join(capsys.readouterr()).split())
    (note,) = [part for part in shown.split("--frozen")[1:] if "not used" in part]
    assert note.index("are not used: a head alone is solved") < 150
    for name in {"minutes", *IDLE} - {"epochs", "frozen"}:
        assert f"--{name.replace('_', '-')}" in note[:150]


def test_minutes_that_have_decided_are_not_called_unused(
    photos: Path, encoder_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--network", ENCODER, "--weights", str(encoder_weights), "--tune", "all"]
    words += ["--minutes", "0.01", "--out", str(tmp_path / "run")]
    assert main(["train", "classifier", str(photos), *words]) == 0
    shown = " ".join("".join(capsys.readouterr()).split())
    assert "--minutes 0.01 is too short for tuning, which is left out" in shown
    assert "not used" not in shown


def test_what_is_not_used_is_not_recorded_as_if_it_were(idle_run: Any) -> None:
    options = idle_run.config["options"]
    assert not any(options[name] == value for name, value in IDLE.items() if name != "hflip")


def test_the_command_at_the_end_of_a_heads_page_parses_and_repeats_it(idle_run: Any) -> None:
    words = shlex.split(training_command(idle_run.loaded))
    typed = parse(config_flags(Config), words[4:], "x", "y")
    given = {name: value for name, value in typed.items() if value is not None}
    usual = vars(Config())
    asked = {name for name, value in given.items() if value != usual[name]}
    assert asked == {"network", "weights", "tune", "strength", "class_weights"}
    config = idle_run.loaded.job.resolve(Config(**given), own_data(idle_run.loaded))
    assert vars(config) == idle_run.config["options"]


@pytest.mark.parametrize(
    ("option", "value", "other"),
    [("magnitude", 9.0, {"rand_augment": 1}), ("momentum", 0.5, {"optimizer": "sgd"})],
)
def test_an_option_of_another_option_is_named_without_it(
    option: str, value: float, other: dict[str, Any], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for more in ({"optimizer": "adamw", "rand_augment": 0}, other):
        words = [str(part) for name, v in ({option: value} | more).items()
                 for part in (f"--{name.replace('_', '-')}", v)]  # fmt: skip
        words += ["--network", "mlp", "--epochs", "1", "--out", str(tmp_path / f"{len(more)}")]
        assert main(["train", "classifier", "digits", *words]) == 0
        is_named = f"--{option} is not used" in " ".join("".join(capsys.readouterr()).split())
        assert is_named == (more != other)


@pytest.mark.parametrize(
    "words", [["--tune", "all"], ["--strength", "5"], ["--layer-decay", "0.1"],
              ["--tune-size", "64"], ["--frozen", "0.1"]],
)  # fmt: skip
def test_options_of_encoders_are_refused_before_a_training_from_scratch(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "never"
    assert main(["train", "classifier", "digits", *words, "--out", str(out)]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert f"{words[0]} is for pretrained networks, and resnet, which --network auto" in error
    assert not out.exists()


def test_a_run_never_refuses_its_own_options(digits_run: Path) -> None:
    loaded = handloom.open(digits_run).loaded
    idle = dict.fromkeys(("tune", "strength", "tune_size"))
    loaded.config["options"] |= idle | {"tune": "all", "strength": 5.0, "tune_size": 64}
    assert len(own_data(loaded).train) > 1_000


def test_names_are_those_of_options() -> None:
    assert set(vars(Config())) >= OF_TUNING
    options = vars(Config()) | {"network": ENCODER, "tune": "all", "optimizer": "sgd"}
    assert set(unused(options)) == {"magnitude", "norm_first", "width"}
