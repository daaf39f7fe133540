"""Texts that are the same but for punctuation, and words that give a label away."""

from pathlib import Path

import pytest

from handloom.data.text.cut import Cut
from handloom.data.text.sameness import telling_note, without_marks
from handloom.data.text.texts import load_texts


def table(path: Path, rows: list[tuple[str, ...]], header: str = "text\tlabel") -> str:
    path.write_text("\n".join([header, *("\t".join(row) for row in rows)]))
    return str(path)


WORDS = ("one", "two", "three", "four", "five", "six", "seven")


def sentence(number: int) -> str:
    """A different one for every number."""
    return " ".join(WORDS[number // 7**place % 7] for place in range(4))


@pytest.mark.parametrize(
    ("text", "same"),
    [("Good film!", "good film"), ("“Good”, film…", "good film"), ("好，看。", "好 看"),
     (":)", ")"), ("?!", "?!"), ("3.5", "3 5"), ("naïve", "naïve")],
)  # fmt: skip
def test_punctuation(text: str, same: str) -> None:
    assert without_marks(text) == same


def test_texts_with_other_punctuation_stay_on_one_side(tmp_path: Path) -> None:
    rows = [(text + mark, "ab"[n % 2])
            for n in range(40) for text in [sentence(n)] for mark in ("", ".", " !")]  # fmt: skip
    found = load_texts(table(tmp_path / "t.tsv", rows), Cut())
    assert found.test is not None
    assert found.valid is not None
    learned = {without_marks(text) for text in found.train.text}
    assert not learned & {without_marks(text) for text in [*found.test.text, *found.valid.text]}
    assert any("80 texts the same as others but for punctuation" in note for note in found.notes)
    folds = found.folds(3, 1000)
    for text in learned:
        rows_of = [row for row, t in enumerate(found.train.text) if without_marks(t) == text]
        assert len({int(folds[row]) for row in rows_of}) == 1


def test_own_splits_with_other_punctuation_are_said(tmp_path: Path) -> None:
    rows = [(sentence(n), "ab"[n % 2], "train") for n in range(40)]
    rows += [(f"{sentence(n)}!", "ab"[n % 2], "test") for n in range(12)]
    found = load_texts(table(tmp_path / "t.tsv", rows, "text\tlabel\tsplit"), Cut(validation=0))
    assert any("12 texts of test, the same as training texts but" in note for note in found.notes)


@pytest.mark.parametrize(
    ("own", "word"), [("pos {}", "pos"), ("LONDON (Reuters) - {}", "(reuters)"), ("{} #ad", "#ad")]
)
def test_a_word_that_gives_the_label_away(own: str, word: str) -> None:
    texts = [own.format(sentence(n)) if n % 2 else sentence(n) for n in range(80)]
    (note,) = telling_note(texts, [n % 2 for n in range(80)], ("neg", "pos"))
    assert "100 % of the texts of 'pos' and in 0 % of the others" in note
    assert telling_note([sentence(n) for n in range(80)], [n % 2 for n in range(80)], "ab") == []
    assert telling_note(texts[:30], [n % 2 for n in range(30)], ("neg", "pos")) == []  # too few


def test_telling_words_of_a_long_table_of_classes_that_alternate() -> None:
    texts = [f"{'okay' if n % 2 else 'no'} {n}" for n in range(5_000)]
    assert "'okay'" in " ".join(telling_note(texts, [n % 2 for n in range(5_000)], ("neg", "pos")))
