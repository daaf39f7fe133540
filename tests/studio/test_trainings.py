"""What is started is what a person would type, in the folder, and few at a time."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handloom.errors import UserError
from handloom.studio import trainings as module
from handloom.studio.folder import Folder
from handloom.studio.trainings import MOST_AT_ONCE, Trainings
from tests.studio.conftest import GOLDEN


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Words of the processes that are started, which only say so and wait."""
    words: list[list[str]] = []
    popen = subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        words.append(command[3:])
        code = "import time; print('begun', flush=True); time.sleep(30)"
        return popen([sys.executable, "-S", "-c", code], **options)

    monkeypatch.setattr(module.subprocess, "Popen", start)
    return words


def test_starting_and_resuming(tmp_path: Path, started: list[list[str]]) -> None:
    shutil.copytree(GOLDEN / "stylize", tmp_path / "runs" / "stopped")
    trainings = Trainings(Folder(tmp_path))
    try:
        wanted = {"job": "classifier", "data": "digits", "options": {"epochs": 2}}
        made = [trainings.start(wanted)["run"] for _ in range(2)]
        assert made == ["runs/classifier-digits-1", "runs/classifier-digits-2"]
        assert started[0] == ["train", "classifier", "digits", "--epochs", "2", "--out", made[0]]
        assert trainings.resume("runs/stopped")["command"] == "handloom resume runs/stopped"
        assert started[2] == ["resume", "runs/stopped"]
        trainings.start(wanted)
        assert len(started) == MOST_AT_ONCE
        with pytest.raises(UserError, match="trainings are running"):
            trainings.start(wanted)
        with pytest.raises(UserError, match="is not being trained"):
            trainings.stop("runs/stopped")
        with pytest.raises(UserError):
            trainings.resume("../outside")
        assert trainings.log("runs/nothing") == {"text": "", "status": None, "has_run": False}
        assert trainings.log(made[0])["status"] is None
    finally:
        for training in trainings._started.values():
            training.process.kill()
            training.process.wait()
        trainings.close()
