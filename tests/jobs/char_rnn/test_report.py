"""The page of a network that writes."""

import html
import random
import re
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.jobs.char_rnn.report import _sample
from handloom.jobs.char_rnn.samples import BETWEEN, beginnings
from handloom.runs.directory import RunDirectory

TINY: dict[str, Any] = dict(hidden=32, seq_len=16, batch=4, dropout=0.0, precision="float32")


def test_the_beginning_that_was_given_is_no_copy() -> None:
    corpus = "The Time Machine, by H. G. Wells"
    (prefix,) = beginnings(None, corpus[:12])
    sample = _sample("Epoch 1", prefix + "zz, by qq", corpus, [prefix])
    assert "copied: 5 characters, <q>, by </q>" in sample
    sample = _sample("Epoch 1", f"The qq{BETWEEN}by H. G", corpus, beginnings("The|by", ""))
    assert "copied: 5 characters, <q> H. G</q>" in sample


def test_the_first_sample_is_of_the_network_that_is_kept(tmp_path: Path) -> None:
    text = tmp_path / "noise.txt"  # there is nothing to learn but the letters: it overfits
    text.write_text("".join(random.Random(0).choices("abcdefgh \n", k=6000)), encoding="utf-8")
    run = handloom.train(
        "char-rnn", text, out=tmp_path / "run", quiet=True, epochs=5, lr=0.02, **TINY
    )
    kept = RunDirectory(run.path).status().get("best_epoch")
    assert kept in (1, 2)
    page = run.report().read_text(encoding="utf-8")
    first, *others = map(html.unescape, re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL))
    assert first == (run.path / "samples" / f"epoch-{kept}.txt").read_text(encoding="utf-8")
    assert (run.path / "samples" / "epoch-5.txt").read_text(encoding="utf-8") in others
    assert "The network of this run" in page
    assert f"Epoch {kept}<" not in page


def test_few_held_out_characters_choose_nothing_and_prove_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "poem.txt"
    text.write_text("床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n", encoding="utf-8")
    run = handloom.train("char-rnn", text, out=tmp_path / "run", epochs=3, **TINY)
    said = capsys.readouterr()
    assert "3 held-out characters are too few to choose an epoch by" in said.out + said.err
    assert re.search(r"1 of 3 held-out .* each costs [12]\d\.\d bits", said.out + said.err)
    assert RunDirectory(run.path).status().get("best_epoch") == 3
    assert RunDirectory(run.path).status().get("monitor") is None
    assert run.evaluation is not None
    assert "optimistic" not in run.evaluation
    assert run.evaluation["xz"] is None
    page = run.report().read_text(encoding="utf-8")
    assert "so few characters say little" in page
    assert "knows its training text" not in page
    assert "xz" not in page
