"""The page of a network that writes."""

from pathlib import Path

from handloom.jobs.char_rnn.report import _sample
from handloom.jobs.char_rnn.samples import BETWEEN, beginnings


def test_the_beginning_that_was_given_is_no_copy(tmp_path: Path) -> None:
    corpus = "The Time Machine, by H. G. Wells"
    (prefix,) = beginnings(None, corpus[:12])
    file = tmp_path / "epoch-1.txt"
    file.write_text(prefix + "zz, by qq", encoding="utf-8")
    assert "copied: 5 characters, <q>, by </q>" in _sample(file, corpus, [prefix])
    file.write_text(f"The qq{BETWEEN}by H. G", encoding="utf-8")
    assert "copied: 5 characters, <q> H. G</q>" in _sample(file, corpus, beginnings("The|by", ""))
