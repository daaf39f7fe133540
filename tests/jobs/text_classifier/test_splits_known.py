"""What a run's training had in its splits is known wherever it turns up, and counted apart."""

from pathlib import Path

import pytest

import handloom
from handloom.display.tables import summary


def rows() -> list[str]:
    words = {"cold": "ice snow frost", "warm": "sun fire heat"}
    return [
        f"{text.split()[n % 3]} is number {n},{label}"
        for n in range(60)
        for label, text in words.items()
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> handloom.Run:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "texts.csv").write_text("\n".join(["text,label", *rows()]))
    return handloom.train(
        "text-classifier", folder / "texts.csv", out=folder / "run", quiet=True,
        network="bag", epochs=2, validation=0.2, test_share=0.2,
    )  # fmt: skip


def test_predict_counts_the_splits_of_its_own_table_apart(run: handloom.Run) -> None:
    records = run.predict(run.config["data"])
    splits = [record["split"] for record in records]
    assert {name: splits.count(name) for name in set(splits)} == run.config["texts"]
    lines = summary(records)
    assert [line.split(":")[0] for line in lines[:2]] == ["valid", "test"] or [
        line.split(":")[0] for line in lines[:2]
    ] == ["test", "valid"]
    assert run.evaluation is not None
    right = round(24 * run.evaluation["accuracy"])
    assert any(line.startswith(f"test: {right} of 24 right") for line in lines)


def test_validation_texts_of_changed_data_do_not_count_beside_test_texts(
    run: handloom.Run, tmp_path: Path
) -> None:
    lines = rows()
    lines[-1] = "something new,warm"
    (tmp_path / "changed.csv").write_text("\n".join(["text,label", *lines]))
    evaluation = run.evaluate(tmp_path / "changed.csv")
    left = evaluation["trained_on"] + evaluation["validated_on"]
    assert evaluation["texts"] == 120 - left
    assert f"left out, as validated on: {evaluation['validated_on']}" in run.describe(evaluation)
    assert not evaluation.get("optimistic")


def test_validation_texts_alone_are_optimistic(run: handloom.Run, tmp_path: Path) -> None:
    records = [record for record in run.predict(run.config["data"]) if record["split"] == "valid"]
    lines = [f"{record['input']},{record['actual']}" for record in records]
    (tmp_path / "valid.csv").write_text("\n".join(["text,label", *lines]))
    evaluation = run.evaluate(tmp_path / "valid.csv")
    assert evaluation["texts"] == evaluation["of_validation"] == 24
    assert evaluation["optimistic"]
    reason = "24 of these are validation data, which chose the epoch"
    assert evaluation["optimistic_because"] == [reason]
