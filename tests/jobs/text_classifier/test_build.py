"""A text classifier from a table to the page."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import handloom
from handloom.cli.main import main
from handloom.errors import UserError

GOOD, BAD = ["good", "fine", "lovely"], ["bad", "dull", "awful"]
TINY: dict[str, Any] = dict(
    epochs=6, batch=16, hidden=8, embedding=8, lr=2e-2, network="lstm", bayes=False
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    rows = [
        f"a {(GOOD if i % 2 else BAD)[i % 3]} film number {i // 7} and {'more ' * (i % 5)},{i % 2}"
        for i in range(240)
    ]
    path = tmp_path / "reviews.csv"
    path.write_text("text,target\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def vectors(tmp_path: Path) -> str:
    path = tmp_path / "v.txt"
    words = [*GOOD, *BAD, "film", "more"]
    path.write_text("".join(f"{w} {i % 3} {-i / 7:.3f} 0.5 {i % 2}\n" for i, w in enumerate(words)))
    return str(path)


@pytest.mark.parametrize("network", ["lstm", "gru", "cnn", "bag"])
def test_every_network_learns(table: str, tmp_path: Path, network: str) -> None:
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "run",
        quiet=True,
        class_weights="balanced",
        **TINY | {"network": network},
    )
    assert run.evaluate()["accuracy"] > 0.9


def test_the_verbs(
    table: str,
    vectors: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: dict[str, Any] = {k: v for k, v in TINY.items() if k != "embedding"}
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "run",
        quiet=True,
        vectors=vectors,
        freeze_vectors=True,
        **options | {"network": "bag"},
    )
    assert run.config["coverage"]["words"] > 0.1
    assert run.config["network"]["reader"]["width"] == 4
    assert run.evaluate()["majority"] == 0.5
    (record,) = run.predict("a lovely film")
    assert set(record["probabilities"]) == {"0", "1"}
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert "actual" in run.predict(table)[0]
    lines = tmp_path / "lines.txt"
    lines.write_text("good film\n\nbad film\n")
    assert [r.get("note") for r in run.predict(str(lines))] == [None, "no text", None]
    monkeypatch.setattr("sys.stdin", io.StringIO("good\nawful\nfine\n"))
    assert main(["predict", str(run.path), "-", "--json"]) == 0
    assert len([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == 3
    with pytest.raises(UserError, match="a text is empty"):
        run.predict("")
    page = run.report().read_text(encoding="utf-8")
    assert {"Mistakes", "Confusion", "Classes"} <= set(re.findall("<h2>(.*?)</h2>", page))
    assert "calibration" in page
    assert main(["evaluate", str(run.path)]) == 0
    assert "commonest class" in capsys.readouterr().out


@pytest.mark.parametrize("members", [("bayes",), ("tfidf",), ("bayes", "tfidf")])
def test_linear_models_beside_a_network(
    table: str, tmp_path: Path, members: tuple[str, ...]
) -> None:
    options: dict[str, Any] = TINY | {"network": "bag"} | dict.fromkeys(members, True)
    run = handloom.train("text-classifier", table, out=tmp_path / "run", quiet=True, **options)
    assert run.evaluate()["accuracy"] > 0.9
    names = set(load_file(run.path / "networks.safetensors"))
    assert any(name.endswith("bayes.table") for name in names) == ("bayes" in members)
    assert any(name.endswith("linear.weight") for name in names) == ("tfidf" in members)


def test_linear_equals_scikit_learn(table: str, tmp_path: Path) -> None:
    """The plain rival itself, from the run alone; predict does not import scikit-learn."""
    run = handloom.train(
        "text-classifier", table, out=tmp_path / "run", quiet=True, network="linear"
    )
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from handloom.data.text.cut import Cut
    from handloom.data.text.texts import load_texts

    texts = load_texts(table, Cut(0.1, 0.1, 0))
    model = make_pipeline(
        TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+?(?=n't)|n't|'\w+|\w+|[^\w\s]"
        ),
        LogisticRegression(C=4, max_iter=200),
    ).fit(texts.train.text, texts.train.label)
    assert texts.test is not None
    wanted = model.predict_proba(texts.test.text)[:, 1]
    run.loaded.config["temperature"] = 1.0  # scikit-learn's has none
    records = run.predict(texts.test.text)
    for record, probability in zip(records, wanted, strict=True):
        assert record["probabilities"]["1"] == pytest.approx(probability, abs=2e-3)


def test_the_default_tries_and_says_what_it_chose(table: str, tmp_path: Path) -> None:
    run = handloom.train("text-classifier", table, out=tmp_path / "run", quiet=True)
    assert run.config["options"]["network"] == "linear"
    assert "in cross-validation" in run.config["choice"]["reason"]
    assert run.evaluate()["accuracy"] > 0.9


def test_the_tutorial_to_the_letter(table: str, vectors: str, tmp_path: Path) -> None:
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "run",
        quiet=True,
        vectors=vectors,
        preset="tutorial",
        epochs=2,
    )
    network, options = run.config["network"]["reader"], run.config["options"]
    assert (network["hidden"], network["linear"], network["one_logit"]) == (40, 16, True)
    assert (network["channel_dropout"], network["frozen"], network["pool"]) == (0.1, True, "max")
    assert (options["batch"], options["max_length"], options["split_seed"]) == (128, 70, 123)
    assert run.config["texts"] == {"train": 192, "valid": 48}
    weights = load_file(run.path / "networks.safetensors")
    assert weights["network/network.head.0.weight"].shape == (16, 40)
    assert weights["network/network.head.2.weight"].shape == (1, 16)


def test_resume_is_exact(table: str, tmp_path: Path) -> None:
    options = dict(TINY, network="lstm", epochs=3)
    whole = handloom.train("text-classifier", table, out=tmp_path / "a", quiet=True, **options)
    from handloom.engine.loop import Callback, Fit

    def step(self: Callback, fit: Fit) -> None:
        if fit.progress.step == 14:
            fit.progress.interrupted = True

    original, Callback.step = Callback.step, step  # type: ignore[method-assign]
    try:
        handloom.train("text-classifier", table, out=tmp_path / "b", quiet=True, **options)
    finally:
        Callback.step = original  # type: ignore[method-assign]
    resumed = handloom.resume(tmp_path / "b", quiet=True)
    first, second = (load_file(r.path / "networks.safetensors") for r in (whole, resumed))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_bad_input_is_one_sentence(table: str, vectors: str, tmp_path: Path) -> None:
    def fails(sentence: str, data: str, **options: Any) -> None:
        with pytest.raises(UserError, match=sentence):
            handloom.train("text-classifier", data, out=tmp_path / "x", quiet=True, **options)

    fails("are 4 wide", table, vectors=vectors, embedding=7)
    fails("neither a file of word vectors", table, vectors="word2vec.9000")
    fails("the tutorial is an LSTM", table, network="cnn", preset="tutorial")
    fails("differ in length", table, cuda_graph="on")
    (tmp_path / "other.txt").write_text("zzz 1 2 3\nyyy 1 2 3\n")
    fails("of the same language", table, vectors=str(tmp_path / "other.txt"))
    (tmp_path / "one.csv").write_text("text,target\na,1\nb,1\n")
    fails("only one class", str(tmp_path / "one.csv"))
    run = handloom.train(
        "text-classifier",
        table,
        out=tmp_path / "r",
        quiet=True,
        **TINY | {"epochs": 1, "network": "bag"},
    )
    (tmp_path / "new.csv").write_text("text,target\na,1000\n")
    with pytest.raises(UserError, match="class '1000'"):
        run.evaluate(tmp_path / "new.csv")
