"""The page of a classifier, and mistakes.csv beside it: offline, bounded, safe, and right."""

import csv
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.cli.parser import config_flags, parse
from handloom.data.io.labels import normal
from handloom.jobs import find_job
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.mistakes import COLUMNS
from handloom.jobs.images.data import own_data
from handloom.jobs.pages import training_command
from handloom.jobs.training import reporting
from handloom.runs.directory import RunDirectory
from tests.jobs.classifier.conftest import COLORS, ENCODER

NASTY = "<img src=x onerror=alert(1)>"
NAMES = {"brick": "a & b", "leaf": "c'd", "sea": NASTY}


def headings(page: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", page)


def mistakes(run: Path) -> list[dict[str, str]]:
    with (run / "mistakes.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def page(digits_run: Path) -> str:
    return (digits_run / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mislabelled(
    photos: Path, encoder_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A pretrained run on photos in its own splits: two wrong labels, a copy across the splits,
    names that are no good HTML."""
    root = tmp_path_factory.mktemp("mislabelled") / "data"
    for name in COLORS:
        for number in range(16):
            split = "test" if number >= 12 else "train"
            folder = root / split / NAMES[name]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(photos / name / f"{number}.png", folder / f"{name}{number}.png")
    (root / "train" / NASTY / "sea3.png").rename(root / "train" / "a & b" / "sea3.png")
    (root / "test" / "a & b" / "brick13.png").rename(root / "test" / NASTY / "brick13.png")
    shutil.copy(root / "train" / "c'd" / "leaf5.png", root / "test" / "c'd" / f"{NASTY[:12]}.png")
    out = root.parent / "run"
    options: dict[str, Any] = dict(network=ENCODER, weights=str(encoder_weights), validation=0.0)
    handloom.train("classifier", root, out=out, quiet=True, **options)
    return out


def test_a_trained_run_has_everything_in_one_file(page: str) -> None:
    parts = {"Likely wrong labels", "Mistakes", "Confusion", "Classes", "Learning", "Details"}
    parts |= {"Where it looks", "Can its confidence be trusted?", "To repeat it"}
    assert parts <= set(headings(page))
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "http" not in page.replace("http-equiv", "")
    assert len(page) < 2_000_000
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_figures_are_those_of_the_evaluation(page: str, digits_run: Path) -> None:
    evaluation = RunDirectory(digits_run).evaluation()
    assert evaluation is not None
    low, high = evaluation["interval"]
    assert f"right on {100 * evaluation['accuracy']:.1f} % of the 359 test images" in page
    assert f"interval {100 * low:.1f} to {100 * high:.1f} %" in page
    wrong = round((1 - evaluation["accuracy"]) * 359)
    assert sum(n for label, other, n in evaluation["confusion"] if label != other) == wrong
    of_test = [row for row in mistakes(digits_run) if row["split"] == "test"]
    assert sum(row["label"] != row["predicted"] for row in of_test) == wrong
    cells = dict(re.findall(r'<div class="cell" id="(cell-\d+-\d+)"><h3>(\d+) of class', page))
    assert cells == {f"cell-{i}-{j}": str(n) for i, j, n in evaluation["confusion"]}


def test_mistakes_are_the_wrong_answers_surest_first(digits_run: Path) -> None:
    rows = mistakes(digits_run)
    assert tuple(rows[0]) == COLUMNS
    assert all(row["correction"] == "" for row in rows)
    plain = [row for row in rows if row["problem"] == "mistake"]
    confidence = [float(row["confidence"]) for row in plain]
    assert confidence == sorted(confidence, reverse=True)
    answers = {r["input"]: r for r in handloom.open(digits_run).predict("digits")}
    for row in plain:
        if row["split"] == "test":
            assert answers[row["file"]]["label"] == row["predicted"]
            assert answers[row["file"]]["actual"] == row["label"]


def test_wrong_labels_and_copies_are_found(mislabelled: Path) -> None:
    rows = {Path(row["file"]).name: row for row in mistakes(mislabelled)}
    assert rows["sea3.png"]["problem"] == "likely wrong label"
    assert rows["sea3.png"]["likely_label"] == normal(NASTY)
    assert rows["sea3.png"]["split"] == "train"
    assert rows["brick13.png"]["likely_label"] == "a & b"
    copy = rows[f"{NASTY[:12]}.png"]
    assert copy["problem"].startswith("duplicate of ")
    assert copy["problem"].endswith("leaf5.png")
    assert copy["split"] == "test"
    page = (mislabelled / "report.html").read_text(encoding="utf-8")
    assert "Duplicates" in headings(page)
    assert "--corrections" in page
    evaluation = RunDirectory(mislabelled).evaluation()
    assert evaluation is not None
    assert evaluation["repeated"] == 1
    assert "accuracy_without_repeated" in evaluation
    assert "1 of them is also in train" in handloom.open(mislabelled).describe(evaluation)
    assert "--duplicates drop" in page


def test_names_are_never_markup(mislabelled: Path) -> None:
    page = (mislabelled / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_page_is_made_again_without_training(mislabelled: Path) -> None:
    before = (mislabelled / "mistakes.csv").read_text(encoding="utf-8")
    (mislabelled / "report.html").unlink()
    assert handloom.open(mislabelled).report().stat().st_size > 10_000
    assert (mislabelled / "mistakes.csv").read_text(encoding="utf-8") == before


def test_a_page_that_cannot_be_drawn_does_not_cost_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(run: Any) -> str:
        raise ValueError("no paper")

    monkeypatch.setattr("handloom.jobs.classifier.report.report", failing)
    out = tmp_path / "run"
    handloom.train("classifier", "digits", out=out, network="mlp", epochs=1)
    assert handloom.open(out).finished
    assert handloom.open(out).evaluation is not None
    assert "no report: ValueError: no paper" in capsys.readouterr().err


@pytest.mark.parametrize("count", [2, 100])
def test_few_and_many_classes(count: int, tmp_path: Path) -> None:
    random = np.random.default_rng(count)
    for label in range(count):
        folder = tmp_path / "data" / f"class {label}"
        folder.mkdir(parents=True)
        for number in range(6 if count > 2 else 20):
            pixels = random.integers(0, 255, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    out = tmp_path / "run"
    handloom.train("classifier", tmp_path / "data", out=out, network="mlp", epochs=1, quiet=True)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert ('class="matrix"' in page) == (count == 2)
    assert ('class="dense"' in page) == (count == 100)
    assert "Where it looks" not in headings(page), "an MLP has no maps"
    assert len(page) < 3_000_000


def test_the_command_at_the_end_gives_the_same_options(digits_run: Path, page: str) -> None:
    run = handloom.open(digits_run).loaded
    words = shlex.split(training_command(run))
    given = parse(config_flags(Config), words[4:], "x", "y")
    given = {name: value for name, value in given.items() if value is not None}
    job = find_job("classifier")
    config = job.resolve(Config(**given), own_data(run))
    assert json.loads(json.dumps(vars(config))) == run.config["options"]
    assert training_command(run) in page


def test_predictions_are_made_once_for_evaluation_and_page(
    digits_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handloom.display.console import Display
    from handloom.jobs.classifier import answers
    from handloom.jobs.loading import load

    path = shutil.copytree(digits_run, tmp_path / "run")
    calls: list[int] = []
    made = answers.logits_of

    def counted(network: torch.nn.Module, pixels: torch.Tensor, *rest: Any) -> torch.Tensor:
        calls.append(len(pixels))
        return made(network, pixels, *rest)

    monkeypatch.setattr(answers, "logits_of", counted)
    reporting.finish(load(path), Display())
    assert sorted(calls) == sorted({len(part) for part in own_data(load(path)).splits.values()
                                    if len(part) < 1000})  # fmt: skip
