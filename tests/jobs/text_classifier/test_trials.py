"""Trials: folds that share no text, and a rule that leaves the rival only for a clear gain."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.defaults import RIVAL
from handloom.jobs.text_classifier.encoded import Encoded, load
from handloom.jobs.text_classifier.trials import choose, fold_of, folds, search
from handloom.jobs.trials import Result, Trial


@pytest.fixture
def data(tmp_path: Path) -> Encoded:
    rows = [f"{['fine', 'dull'][i % 2]} film {i // 4},{i % 2}" for i in range(120)]
    (tmp_path / "t.csv").write_text("text,target\n" + "\n".join(rows))
    return load(Config(), str(tmp_path / "t.csv"), lambda *_: None)


def test_folds_are_stratified_and_share_no_text(data: Encoded) -> None:
    number = folds(data, 0)
    texts = data.texts.train.text
    assert set(number.tolist()) == {0, 1, 2}
    assert len({(text, int(n)) for text, n in zip(texts, number, strict=True)}) == len(set(texts))
    part = fold_of(data, 1, 0)
    assert len(part.splits["train"][1]) + len(part.splits["valid"][1]) == len(texts)
    assert abs(part.splits["valid"][2].float().mean() - 0.5) < 0.1


def test_what_was_chosen_is_not_searched(data: Encoded) -> None:
    assert search(Config(network="bag"), data, torch.device("cpu")) is None
    assert search(Config(preset="tutorial"), data, torch.device("cpu")) is None
    found = search(Config(strength=2.0), data, torch.device("cpu"))
    assert found is not None
    assert {trial.options["strength"] for trial in found.trials} == {2.0}
    metrics = found.run(found.trials[0])
    assert metrics["accuracy"] > 0.9


@pytest.mark.parametrize(("texts", "held"), [(2, 0.0), (3, 0.1), (9, 0.1)])
def test_a_few_texts_are_enough_for_the_rival(tmp_path: Path, texts: int, held: float) -> None:
    """(text, label) in a list, two of them too; a run without a test part is finished all the
    same."""
    pairs = [(f"{kind} {i}", kind) for i in range(texts // 2 + 1) for kind in ("good", "bad")]
    run = handloom.train(
        "text-classifier", pairs[:texts], out=tmp_path / "r", quiet=True, validation=held,
        test_share=held,
    )  # fmt: skip
    assert run.finished
    assert run.config["classes"] == ["bad", "good"]
    assert run.config["options"]["network"] == "linear"
    assert run.predict("good")[0]["label"] == "good"
    again = handloom.train(
        "text-classifier", pairs[:texts] * 40, out=tmp_path / "again", quiet=True,
        validation=0.0, test_share=0.0,
    )  # fmt: skip
    assert again.finished  # many texts, of which few are different


def results(*gains: tuple[str, float, float]) -> list[Result]:
    names = ["linear", "linear, C 16", "linear and naive Bayes", "linear, C 16, and naive Bayes"]
    given = {name: (gain, error) for name, gain, error in gains}
    return [
        Result(
            Trial(name, dict(RIVAL, name=name)),
            {
                "accuracy": 0.7,
                **dict(zip(("gain", "error"), given.get(name, (0.0, 0.0)), strict=True)),
                **dict(
                    zip(("first_gain", "first_error"), given.get(name, (0.0, 0.0)), strict=True)
                ),
            },
            1.0,
        )
        for name in dict.fromkeys([*names, *given])
    ]


@pytest.mark.parametrize(
    ("gains", "winner"),
    [
        ([], "linear"),
        ([("linear, C 16", 0.004, 0.005)], "linear"),
        ([("linear, C 16", 0.01, 0.005)], "linear, C 16"),
        ([("bag, linear and naive Bayes", 0.02, 0.01)], "bag, linear and naive Bayes"),
        ([("bag, linear and naive Bayes", 0.004, 0.01)], "linear"),
    ],
)
def test_the_rule(gains: list[Any], winner: str) -> None:
    choice = choose(results(*gains))
    assert choice.options["name"] == winner
    assert winner in choice.reason


def test_a_fold_keeps_the_vocabulary(data: Encoded) -> None:
    assert fold_of(data, 0, 0).vocabulary == replace(data).vocabulary
