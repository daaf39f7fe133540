"""`handloom fetch`: what it lists, what it brings, and its status where something fails."""

import json
from pathlib import Path

import pytest

from handloom.cli.main import main


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$HANDLOOM_DATA, with one set of texts."""
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HANDLOOM_OFFLINE", "1")
    place = tmp_path / "own" / "text" / "rt_polarity.csv"
    place.parent.mkdir(parents=True)
    place.write_text("text,target\nfine,1\n")
    return tmp_path / "own"


def test_it_lists_what_there_is(capsys: pytest.CaptureFixture[str], own: Path) -> None:
    assert main(["fetch", "--json"]) == 0
    records = {r["name"]: r for r in map(json.loads, capsys.readouterr().out.splitlines())}
    assert records["mnist"]["place"] is None
    assert records["rt-polarity"]["place"] == str(own / "text" / "rt_polarity.csv")
    assert main(["fetch"]) == 0
    assert "kaggle:OWNER/NAME" in capsys.readouterr().out


def test_it_says_where_things_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bundle = tmp_path / "stick"
    assert main(["fetch", "rt-polarity", "--bundle", str(bundle)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"rt-polarity: {bundle / 'text' / 'rt_polarity.csv'} (0.0 MiB)")
    assert f"export HANDLOOM_DATA={bundle}" in shown


def test_a_failure_is_in_the_status(capsys: pytest.CaptureFixture[str], own: Path) -> None:
    assert main(["fetch", "mnist", "rt-polarity"]) == 2
    made = capsys.readouterr()
    assert "rt-polarity: " in made.out
    assert "1 of 2 could not be fetched" in made.err
    assert "$HANDLOOM_OFFLINE is set" in made.err
    assert main(["fetch", "--bundle", "x"]) == 2


def test_weights_that_cannot_be_had_name_no_option_of_other_verbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    monkeypatch.setenv("HANDLOOM_OFFLINE", "1")
    assert main(["fetch", "timm:resnet10t"]) == 2
    said = capsys.readouterr().err
    assert "--weights" not in said
    assert "'handloom fetch timm:resnet10t --bundle DIR'" in said
