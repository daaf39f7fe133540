"""A language model from the command line to the page: train, resume, evaluate, sample, report."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import handloom
from handloom.cli.main import main
from handloom.engine.callbacks import checkpoints
from handloom.errors import UserError
from tests.killed import killed_after_its_first_checkpoint

TEXT = "the quick brown fox jumps over the lazy dog.\n想要有直升机\n" * 60
TINY: dict[str, Any] = dict(hidden=16, seq_len=16, batch=4, epochs=2, layers=1, precision="float32")


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "fox.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("cell", ["scratch", "rnn", "gru", "lstm"])
@pytest.mark.parametrize("sampling", ["consecutive", "random"])
def test_every_cell_learns(text: str, tmp_path: Path, cell: str, sampling: str) -> None:
    run = handloom.train(
        "char-rnn",
        text,
        out=tmp_path / "run",
        quiet=True,
        cell=cell,
        sampling=sampling,
        optimizer="adam",
        lr=2e-2,
        **TINY | {"epochs": 4},
    )
    losses = [line["valid/loss"] for line in run.metrics]
    assert losses[-1] < losses[0]
    assert run.finished
    assert sorted(p.name for p in (tmp_path / "run" / "samples").iterdir())[-1] == "epoch-4.txt"


def test_a_training_that_patience_ends_leaves_a_last_sample(text: str, tmp_path: Path) -> None:
    run = handloom.train(
        "char-rnn", text, out=tmp_path / "run", quiet=True, lr=0.0, patience=2,
        **TINY | {"epochs": 9},
    )  # fmt: skip
    assert len(run.metrics) == 3
    assert (tmp_path / "run" / "samples" / "epoch-3.txt").exists()


def test_its_own_text_is_not_evaluated_as_another(text: str, tmp_path: Path) -> None:
    """Most of it was trained on."""
    run = handloom.train("char-rnn", text, out=tmp_path / "run", quiet=True, **TINY)
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text(TEXT, encoding="utf-8")
    own = run.evaluate()
    assert own["split"] == "held out"
    for place in (text, str(elsewhere)):
        found = run.evaluate(place)
        assert found == own | {"data": place, "own_data": True}
        assert found["optimistic"]
    Path(text).write_text(TEXT + "more", encoding="utf-8")
    changed = run.evaluate(text)
    assert changed["split"] == "all"
    assert "has changed since the training" in changed["notes"][0]
    elsewhere.write_text(TEXT[:200], encoding="utf-8")
    assert "notes" not in run.evaluate(str(elsewhere))


def test_the_verbs(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = handloom.train("char-rnn", text, out=tmp_path / "run", quiet=True, lr=2e-2, **TINY)
    found = run.evaluate()
    assert found["bits_per_character"] == pytest.approx(
        run.metrics[-1]["valid/bits_per_character"], rel=1e-2
    )
    assert found["unknown"] == 0
    texts = run.sample("the ", length=30, count=2, top_k=5, top_p=0.9, seed=3)
    assert [len(t) for t in texts] == [34, 34]
    assert texts[0] != texts[1]
    assert texts == run.sample("the ", length=30, count=2, top_k=5, top_p=0.9, seed=3)
    assert run.sample("", length=5, temperature=0.0) == run.sample("", length=5, temperature=0.0)
    with pytest.raises(UserError, match="holds 'X', '分', which the run never saw"):
        run.sample("theX分X")
    with pytest.raises(UserError, match=r"top_p=2"):
        run.sample("the", top_p=2.0)
    page = run.report().read_text(encoding="utf-8")
    assert "Learned or memorised?" in page
    assert "copied:" in page
    assert main(["sample", str(run.path), "--prefix", "dog", "--length", "9"]) == 0
    assert capsys.readouterr().out.startswith("dog")
    other = tmp_path / "other.txt"
    other.write_text("the dog jumps 快 over the fox", encoding="utf-8")
    assert main(["evaluate", str(run.path), str(other)]) == 0
    assert "never seen" in capsys.readouterr().out


def test_presets_are_the_tutorials(text: str, tmp_path: Path) -> None:
    run = handloom.train(
        "char-rnn",
        text,
        out=tmp_path / "run",
        quiet=True,
        cell="scratch",
        preset="tutorial",
        epochs=1,
        characters=3000,
    )
    options = run.config["options"]
    assert (options["lr"], options["clip"], options["batch"], options["seq_len"]) == (
        100,
        0.01,
        32,
        35,
    )
    assert run.config["network"]["hidden"] == 256
    assert "\n" not in run.config["vocabulary"]


def test_resume_is_exact_with_the_hidden_state(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints.Checkpoints.__init__, "__defaults__", (0.0,))
    whole = handloom.train("char-rnn", text, out=tmp_path / "a", quiet=True, **TINY)
    stopped = handloom.train("char-rnn", text, out=tmp_path / "b", quiet=True, **TINY)
    # Forget all but a checkpoint in the middle of an epoch, as a kill would have left it.
    folder = stopped.path / "checkpoint"
    for path in folder.iterdir():
        path.unlink()
    _stop_inside(text, tmp_path / "c")
    resumed = handloom.resume(tmp_path / "c", quiet=True)
    first, second = (load_file(r.path / "networks.safetensors") for r in (whole, resumed))
    assert all(torch.equal(first[k], second[k]) for k in first)
    drop = ("seconds", "samples_per_second")
    lines = [
        [{k: v for k, v in m.items() if k not in drop} for m in r.metrics] for r in (whole, resumed)
    ]
    assert lines[0] == lines[1]


def _stop_inside(text: str, out: Path) -> None:
    """Stop after some steps of the second epoch, by the signal a person sends."""
    from handloom.engine.loop import Callback, Fit

    original = Callback.step

    def step(self: Callback, fit: Fit) -> None:
        if fit.progress.epoch == 1 and fit.progress.within == 7:
            fit.progress.interrupted = True

    Callback.step = step  # type: ignore[method-assign]
    try:
        assert not handloom.train("char-rnn", text, out=out, quiet=True, **TINY).finished
    finally:
        Callback.step = original  # type: ignore[method-assign]


@pytest.mark.slow
def test_a_killed_run_goes_on(text: str, tmp_path: Path) -> None:
    options = ["--hidden", "16", "--seq-len", "16", "--batch", "4", "--precision", "float32"]
    out = tmp_path / "killed"
    command = ["train", "char-rnn", text, *options, "--epochs", "40", "--out", str(out)]
    killed_after_its_first_checkpoint(out, *command)
    resumed = handloom.resume(out, quiet=True)
    assert resumed.finished
    assert [line["epoch"] for line in resumed.metrics] == list(range(1, 41))


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", {}, "is empty"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa", {}, "only one character"),
        ("abc", {}, "less than one batch"),
        ("hello world " * 20, {"cell": "scratch", "tied": True}, "tied needs"),
        ("hello world " * 20, {"grad_accum_steps": 2}, "micro-batches"),
        ("hello world " * 20, {"tied": True, "embedding": 3}, "one table needs one width"),
        ("hello world " * 20, {"cell": "scratch", "layers": 2}, "one plain layer"),
        ("hello world " * 20, {"encoding": "nonsense"}, "no encoding"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, content: str, options: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "t.txt"
    path.write_text(content)
    with pytest.raises(UserError, match=sentence):
        handloom.train("char-rnn", path, out=tmp_path / "run", quiet=True, **options)


def test_short_texts_are_read_in_fewer_streams(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("a short text indeed")
    run = handloom.train("char-rnn", path, out=tmp_path / "run", quiet=True, epochs=1, hidden=8)
    assert run.finished
