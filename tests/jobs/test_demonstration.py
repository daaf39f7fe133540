"""A training of the demo is finished, or the demo is stopped with it."""

from pathlib import Path

import pytest

from handloom.display.console import Display
from handloom.jobs import demonstration
from handloom.runs.directory import RunDirectory


def test_what_a_person_types_has_every_option() -> None:
    line = demonstration.typed("train vae digits", {"latent_dim": 2, "lr": 6e-3})
    assert line == "handloom train vae digits --latent-dim 2 --lr 0.006"


@pytest.mark.parametrize("status", ["finished", "stopped"])
def test_what_is_stopped_stops_the_demo(
    status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(*_: object) -> RunDirectory:
        run = RunDirectory.create(tmp_path / "run", "vae", "digits")
        run.write_status({"status": status})
        return run

    monkeypatch.setattr(demonstration, "train", train)
    arguments = "vae", "digits", {"epochs": 1}, Display(quiet=True), tmp_path / "run"
    if status == "finished":
        assert demonstration.demonstrated(*arguments) == tmp_path / "run"
    else:
        with pytest.raises(KeyboardInterrupt):
            demonstration.demonstrated(*arguments)
