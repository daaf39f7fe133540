"""Trials: folds that share no text, and a rule that leaves the rival only for a clear gain."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import handloom
from handloom.jobs.text_classifier.config import Config
from handloom.jobs.text_classifier.defaults import RIVAL
from handloom.jobs.text_classifier.encoded import EncodedTexts, load
from handloom.jobs.text_classifier.folds import fold_of, folds
from handloom.jobs.text_classifier.trials import (
    Comparison,
    candidates,
    choose,
    difference,
    search,
)
from handloom.jobs.training.preparation import Pace
from handloom.jobs.training.trials import Outcome, Result, Trial


@pytest.fixture
def data(tmp_path: Path) -> EncodedTexts:
    rows = [f"{['fine', 'dull'][i % 2]} film {i // 4},{i % 2}" for i in range(120)]
    (tmp_path / "t.csv").write_text("text,target\n" + "\n".join(rows))
    return load(Config(), str(tmp_path / "t.csv"), lambda *_: None)


def test_folds_are_stratified_and_share_no_text(data: EncodedTexts) -> None:
    number = folds(data)
    texts = data.texts.train.text
    assert set(number.tolist()) == {0, 1, 2}
    assert len({(text, int(n)) for text, n in zip(texts, number, strict=True)}) == len(set(texts))
    part = fold_of(data, 1)
    assert len(part.splits["train"][1]) + len(part.splits["valid"][1]) == len(texts)
    assert abs(part.splits["valid"][2].float().mean() - 0.5) < 0.1


def test_what_was_chosen_is_not_searched(data: EncodedTexts) -> None:
    assert search(Config(network="bag"), data, torch.device("cpu"), print) is None
    assert search(Config(preset="tutorial"), data, torch.device("cpu"), print) is None
    found = search(Config(strength=2.0), data, torch.device("cpu"), print)
    assert found is not None
    assert {trial.options["strength"] for trial in found.trials} == {2.0}
    outcome = found.run(found.trials[0])
    assert isinstance(outcome, Outcome)
    assert outcome.metrics["accuracy"] > 0.9
    assert [set(right) <= {"0", "1"} for right in outcome.details["right"]] == [True] * 3


def test_a_trial_is_described_by_its_accuracy(
    data: EncodedTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by what the choice computes with, which is in trials.jsonl."""
    trial, metrics = Trial("bag", {"network": "bag"}), dict(accuracy=0.75, gain=0.02, error=0.01)
    plain, balanced = (
        Comparison(Config(class_weights=kind), data, torch.device("cpu"))
        for kind in ("none", "balanced")
    )
    words = "accuracy 75.00 % on one fold, +2.0 ± 1.0 points against plain TF-IDF"
    assert plain.describe(Result(trial, metrics, 1.0)) == words
    assert balanced.describe(Result(trial, metrics, 1.0)) == f"balanced {words}"
    other = Result(Trial("linear", RIVAL), dict(accuracy=0.7, gain=0.0, error=0.0), 1.0)
    last = lambda results, weights: results[-1]
    monkeypatch.setattr("handloom.jobs.text_classifier.trials.choose", last)
    chosen = balanced.choose([other, Result(trial, metrics, 1.0)])
    assert chosen.reason.startswith("bag, balanced accuracy 75.00 % on one fold, +2.0")
    assert "chance" not in chosen.reason  # two standard errors
    unclear = Result(trial, metrics | {"error": 0.018}, 1.0)
    assert balanced.choose([other, unclear]).reason.endswith(
        "+2.0 ± 1.8 points against TF-IDF with logistic regression, which may be chance"
    )
    rival = Result(Trial("linear", RIVAL), dict(accuracy=0.5, gain=0.0, error=0.0), 1.0)
    assert plain.describe(rival) == "accuracy 50.00 % in cross-validation"


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


def result(name: str, right: list[str], network: str = "linear") -> Result:
    options = dict(RIVAL, network=network)
    return Result(Trial(name, options), {"accuracy": 0.7}, 1.0, None, {"right": right})


def answers(wrong: int, shift: int = 0, count: int = 300) -> str:
    """So many wrong ones, from `shift` on."""
    return "".join("0" if shift <= i < shift + wrong else "1" for i in range(count))


WEIGHTS = [torch.ones(300)] * 3
FIRST = result("first", [answers(60)] * 3)


@pytest.mark.parametrize(
    ("others", "winner"),
    [
        ([], "first"),
        ([result("a little", [answers(60, 1)] * 3)], "first"),
        ([result("one text", [answers(59), answers(60), answers(60)])], "first"),
        ([result("clear", [answers(50)] * 3)], "clear"),
        ([result("clear", [answers(50)] * 3), result("more", [answers(40)] * 3)], "more"),
        ([result("net", [answers(50)], "bag")], "net"),
        ([result("clear", [answers(50)] * 3), result("net", [answers(50, 1)], "bag")], "clear"),
        ([result("net", [answers(50)], "bag"), result("better", [answers(40)], "lstm")], "better"),
    ],
)
def test_a_candidate_takes_the_place_of_what_it_clearly_beats(
    others: list[Result], winner: str
) -> None:
    assert choose([FIRST, *others], WEIGHTS).trial.name == winner


def test_the_difference_is_that_of_the_pair() -> None:
    """Both are clearly better than the first, and as good as each other, text by text."""
    solved = result("solved", [answers(40)] * 3)
    trained = result("trained", [answers(39)], "bag")
    gain, error = difference(trained, solved, WEIGHTS)
    assert gain == pytest.approx(1 / 300)
    assert error == pytest.approx(1 / 300, rel=0.01)  # against the first it is six times as much


def test_what_is_chosen_is_the_options_of_the_result() -> None:
    assert choose([FIRST], WEIGHTS) is FIRST


def test_candidates_are_named_by_their_options_and_none_is_tried_twice(data: EncodedTexts) -> None:
    assert list(candidates(Config(), data)) == [
        "linear", "linear (C 16)", "linear and naive Bayes", "linear (C 16) and naive Bayes",
    ]  # fmt: skip
    asked = candidates(Config(strength=1.0), data)
    assert list(asked) == ["linear (C 1)", "linear (C 1) and naive Bayes"]
    assert {options["strength"] for options in asked.values()} == {1.0}


@pytest.fixture
def trained_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network is tried on the few texts as well."""
    monkeypatch.setattr("handloom.jobs.text_classifier.trials.FEWEST_FOR_NETWORKS", 1)
    bag = [dict(network="bag", bayes=True, tfidf=True, strength=16.0)]
    monkeypatch.setattr("handloom.jobs.text_classifier.trials.TRAINED", bag)


def test_the_plan_holds_epochs(data: EncodedTexts, trained_too: None) -> None:
    asked, few = Config(epochs=3), Config()
    for config, epochs in ((asked, 3), (few, 20)):
        plan = Comparison(config, data, torch.device("cpu")).plan()
        assert [trial.options.get("epochs") for trial in plan] == [None] * 4 + [epochs]


def test_minutes_are_shared_by_trials_and_training(
    data: EncodedTexts, trained_too: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes: list[float] = []

    def epochs_in(pace: Pace, share: float) -> int:
        minutes.append(share)
        return 2

    monkeypatch.setattr(Pace, "epochs_in", epochs_in)
    comparison = Comparison(Config(minutes=3.0), data, torch.device("cpu"))
    plan = comparison.plan()
    assert minutes == [1.5]
    assert plan[-1].options["epochs"] == 2
    done = [replace(FIRST, seconds=seconds) for seconds in (30.0, 24.0)]
    monkeypatch.setattr(Comparison, "weights", lambda _: WEIGHTS)
    assert comparison.choose(done).options["minutes"] == pytest.approx(3 - 0.9)
    slow = [replace(FIRST, seconds=600.0)]
    assert comparison.choose(slow).options["minutes"] == 1.5


def test_a_fold_keeps_the_vocabulary(data: EncodedTexts) -> None:
    assert fold_of(data, 0).vocabulary == replace(data).vocabulary
