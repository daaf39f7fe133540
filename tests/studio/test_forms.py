"""The form of a training is its job's options, and its command line says the same."""

import re
import shlex
from importlib.resources import files
from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.studio.folder import Folder
from handloom.studio.forms import READING, changed, command, forms, look, words


def test_every_job_has_a_form_of_all_its_options() -> None:
    made = {form["job"]: form for form in forms()}
    assert set(made) == {name for name in JOBS if find_job(name).command == "train"}
    assert "digits" in made["classifier"]["sets"]
    assert made["char-rnn"]["sets"] == ["pydoc", "timemachine"]
    fields = {field["name"]: field for field in made["classifier"]["fields"]}
    assert fields["epochs"]["kind"] == "whole"
    assert fields["epochs"]["low"] == 1
    assert all(field["help"] for field in fields.values())


def test_what_is_translated_is_said() -> None:
    script = files("handloom.studio") / "static" / "zh_options.js"
    translated = re.findall(
        r'(?:^  |, )"([^"]+)":', script.read_text(encoding="utf-8"), re.MULTILINE
    )
    said = {field["help"] for form in forms() for field in form["fields"]}
    assert len(translated) > 50
    assert set(translated) <= said


def test_words(tmp_path: Path) -> None:
    (tmp_path / "my photos").mkdir()
    folder = Folder(tmp_path)
    wanted = {"job": "classifier", "data": "my photos", "options": {"epochs": 3, "seed": 0}}
    typed = words(folder, wanted)
    assert typed == ["train", "classifier", "my photos", "--epochs", "3"]
    assert shlex.split(command(typed))[1:] == typed
    with pytest.raises(UserError, match="epochs"):
        words(folder, wanted | {"options": {"epochs": 0}})
    with pytest.raises(UserError, match="give the data"):
        words(folder, wanted | {"data": " "})
    with pytest.raises(UserError, match="is not trained on data"):
        words(folder, wanted | {"job": "stylize"})


def test_a_look_at_the_data(tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text("text,genre\n")
    folder = Folder(tmp_path)
    wanted = {"job": "text-classifier", "data": "films.csv",
              "options": {"epochs": 3, "target_column": "genre"}}  # fmt: skip
    shown = ["show", "--json", "--kind", "texts", "--target-column", "genre", "--", "films.csv"]
    assert look(folder, wanted) == shown
    with pytest.raises(UserError, match="epochs"):
        look(folder, wanted | {"options": {"epochs": 0}})
    several = {"job": "char-rnn", "data": "pydoc\nfilms.csv"}
    assert look(folder, several)[-2:] == ["--", "pydoc\nfilms.csv"]
    made = {form["job"]: form["shows"] for form in forms()}
    assert made["classifier"] == made["vae"] == "images"
    assert set(made.values()) <= {*READING, None}


def test_what_is_not_as_it_is_by_default(digits_run: Path) -> None:
    from handloom.runs.directory import RunDirectory

    options = RunDirectory.open(digits_run).config()["options"]
    names = changed(find_job("classifier").config, options)
    assert "network" in names
    assert "seed" not in names
    assert "minutes" not in names
