"""Images are shown that are still what they were, though others have changed."""

import shutil
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.errors import UserError
from handloom.jobs.images.data import own_data

MLP: dict[str, Any] = {"epochs": 1, "network": "mlp", "quiet": True}


def test_what_is_left_of_changed_data(shapes: Path, tmp_path: Path) -> None:
    data = tmp_path / "shapes"
    shutil.copytree(shapes, data)
    shutil.copy(data / "blue" / "1.png", data / "blue" / "same.png")
    run = handloom.train("classifier", data, out=tmp_path / "run", **MLP)
    known = dict(own_data(run.loaded).digests)
    wanted = {
        name: known[name]
        for name in ("blue/3.png", "red/4.png", "red/5.png", "blue/1.png", "blue/same.png")
    }
    before = run.images(wanted)
    assert before.keys() == wanted.keys()
    (data / "blue" / "3.png").rename(data / "blue" / "other.png")
    (data / "red" / "4.png").unlink()
    (data / "red" / "5.png").write_bytes((data / "red" / "6.png").read_bytes())
    after = handloom.open(run.path).images(wanted)
    assert after.keys() == {"blue/3.png", "blue/1.png", "blue/same.png"}
    assert all(after[name].equal(before[name]) for name in after)
    shutil.rmtree(data)
    with pytest.raises(UserError, match="are not at"):
        handloom.open(run.path).images(wanted)


def test_an_export_says_that_the_data_have_changed(shapes: Path, tmp_path: Path) -> None:
    data = tmp_path / "shapes"
    shutil.copytree(shapes, data)
    run = handloom.train("classifier", data, out=tmp_path / "run", **MLP)
    (data / "red" / "4.png").unlink()
    from handloom.jobs.images.program import check_images

    assert check_images(handloom.open(run.path).loaded)[2] == "noise, since its data have changed"
    shutil.rmtree(data)
    about = check_images(handloom.open(run.path).loaded)[2]
    assert about == "noise, since its data are not at hand"
