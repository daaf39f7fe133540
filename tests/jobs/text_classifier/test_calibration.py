"""The temperature of a text classifier: from texts it did not learn from, used by every verb."""

from pathlib import Path

import pytest
import torch

import handloom
from handloom.jobs.text_classifier.explain import logits_of
from handloom.jobs.text_classifier.verbs import finish
from handloom.runs.directory import RunDirectory

TOPICS = ["sea", "sky", "fire", "stone", "wood", "iron", "rain", "snow", "wind", "sand"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten classes, each text with a word of its own class, and every fifth with a wrong label."""
    generator = torch.Generator().manual_seed(0)
    rows = ["text,target"]
    for i in range(600):
        words = torch.randint(0, 40, (6,), generator=generator).tolist()
        label = (i * 7 + (i // 10 % 5 == 0)) % 10
        rows.append(f"{TOPICS[i * 7 % 10]} {' '.join(f'w{word}' for word in words)} n{i},{label}")
    path = tmp_path_factory.mktemp("texts") / "topics.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(("validation", "source"), [(0.3, "valid"), (0.1, "folds"), (0.0, "folds")])
def test_a_linear_model_with_many_classes_is_as_sure_as_it_is_right(
    table: Path, tmp_path: Path, validation: float, source: str
) -> None:
    """TF-IDF with logistic regression is right far more often than it is sure."""
    run = handloom.train(
        "text-classifier", table, out=tmp_path / "run", quiet=True, network="linear",
        validation=validation, test_share=0.3,
    )  # fmt: skip
    found = run.evaluate()
    assert found == run.evaluation
    assert run.config["temperature_source"] == found["temperature_source"] == source
    assert found["temperature"] == run.config["temperature"] < 1
    assert found["calibration"] < found["calibration_before_temperature"] / 2
    record = run.predict(["sea w1 w2"])[0]
    logits = logits_of(run.loaded, ["sea w1 w2"])[0] / found["temperature"]
    assert record["probability"] == pytest.approx(float(logits.softmax(0).max()), abs=1e-5)
    run.loaded.config["temperature"] = 1.0
    plain = run.evaluate()
    assert plain["calibration"] == found["calibration_before_temperature"]
    assert plain["accuracy"] == found["accuracy"]


def test_few_texts_and_a_tutorial_are_left_as_they_are(table: Path, tmp_path: Path) -> None:
    pairs = [(f"{kind} film {i}", kind) for i in range(30) for kind in ("good", "bad")]
    run = handloom.train("text-classifier", pairs, out=tmp_path / "few", quiet=True)
    assert "temperature" not in run.config
    assert "temperature" not in run.evaluate()
    run = handloom.train(
        "text-classifier", table, out=tmp_path / "tutorial", quiet=True, preset="tutorial", epochs=1
    )
    assert "temperature" not in run.config


def test_a_network_that_is_trained_needs_validation_texts(table: Path, tmp_path: Path) -> None:
    """It is not trained three times more for a temperature."""
    options = dict(quiet=True, network="bag", epochs=1, test_share=0.3)
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "a",
        validation=0.3,
        **options,  # type: ignore
    )
    assert run.config["temperature_source"] == "valid"
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "b",
        validation=0.1,
        **options,  # type: ignore
    )
    assert "temperature" not in run.config


def test_a_temperature_fitted_on_the_texts_that_are_reported_says_so(
    table: Path, tmp_path: Path
) -> None:
    run = handloom.train(
        "text-classifier", table, out=tmp_path / "run", quiet=True, network="linear",
        validation=0.3, test_share=0.0,
    )  # fmt: skip
    assert "before temperature, which was fitted here)" in run.describe(run.evaluation)


def test_what_is_interrupted_before_it_is_finished_has_the_same_temperature(
    table: Path, tmp_path: Path
) -> None:
    run = handloom.train(
        "text-classifier", table, out=tmp_path / "run", quiet=True, network="linear"
    )
    before = RunDirectory(run.path).config()["temperature"]
    finish(run.loaded)
    assert RunDirectory(run.path).config()["temperature"] == before
