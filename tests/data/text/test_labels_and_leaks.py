"""The same text with two labels, and on both sides of a split: named before training."""

from pathlib import Path

import pytest

from handloom.data.text.cut import Cut
from handloom.data.text.texts import TextSet, load_texts

NO_SHARES = Cut(validation=0.0, test=0.0)


def table(path: Path, rows: list[str], header: str = "text,target") -> str:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def plain(count: int = 20) -> list[str]:
    return [f"text {i},{i % 2}" for i in range(count)]


def noted(found: TextSet, sentence: str) -> list[str]:
    return [note.split()[0] for note in found.notes if sentence in note]


@pytest.mark.parametrize(
    ("again", "count"),
    [
        (["Text 0,1"], "1"),  # letter case
        (["text  1,0", "text 2 ,1"], "2"),  # spaces
        (["text 3,0", "text 3,0", "text 3,1"], "1"),  # the majority is against
        (['"text\n4",1'], "1"),  # a line break in a cell
    ],
)
def test_two_labels_in_a_table(tmp_path: Path, again: list[str], count: str) -> None:
    found = load_texts(table(tmp_path / "t.csv", [*plain(), *again]), NO_SHARES)
    assert noted(found, "with contradictory labels") == [count]


def test_two_labels_in_class_folders(tmp_path: Path) -> None:
    for kind in "ab":
        (tmp_path / kind).mkdir()
        for i in range(10):
            (tmp_path / kind / f"{i}.txt").write_text(f"text {kind} {i}")
    (tmp_path / "b" / "again.txt").write_text("text a 3\n")
    assert noted(load_texts(str(tmp_path), NO_SHARES), "with contradictory labels") == ["1"]


def test_two_labels_across_files(tmp_path: Path) -> None:
    test = table(tmp_path / "u.csv", ["text 0,1", "new,0", "text 2,0"])
    found = load_texts(table(tmp_path / "t.csv", plain()), Cut(0.0, 0.0, test_file=test))
    assert noted(found, "with contradictory labels") == ["1"]
    assert noted(found, "of test are also in train") == ["2"]


@pytest.mark.parametrize("name", ["dev", "Validation", "eval"])
def test_the_same_text_on_both_sides_of_a_split_column(tmp_path: Path, name: str) -> None:
    rows = [f"{row},train" for row in plain()] + [f"text 1,1,{name}", f"other,0,{name}"]
    found = load_texts(table(tmp_path / "t.csv", rows, "text,target,split"), NO_SHARES)
    assert noted(found, "also in train") == ["1"]
    assert not noted(found, "kept on one side")


def test_the_same_text_in_folders_of_splits(tmp_path: Path) -> None:
    for split, count in (("train", 8), ("test", 3)):
        for kind in "ab":
            folder = tmp_path / split / kind
            folder.mkdir(parents=True)
            for i in range(count):
                (folder / f"{i}.txt").write_text(f"text {kind} {i if split == 'train' else i + 6}")
    assert noted(load_texts(str(tmp_path), NO_SHARES), "of test are also in train") == ["4"]


@pytest.mark.parametrize("flag", ["is_valid", "is_test"])
def test_the_same_text_by_a_flag(tmp_path: Path, flag: str) -> None:
    rows = [f"{row},False" for row in plain()] + ["text 1,1,True", "text 0,0,True", "new,0,True"]
    found = load_texts(table(tmp_path / "t.csv", rows, f"text,target,{flag}"), NO_SHARES)
    assert noted(found, "also in train") == ["2"]


def test_clean_texts_say_nothing(tmp_path: Path) -> None:
    found = load_texts(table(tmp_path / "t.csv", plain()), Cut())
    assert not noted(found, "contradictory")
    assert not noted(found, "also in train")


IN_ORDER = Cut(0.2, 0.0, 123, in_order=True)  # the tutorial's


@pytest.mark.parametrize(
    ("header", "held_out", "learned", "sizes"),
    [
        ("split", "test", "train", (16, 4, 5)),
        ("split", "holdout", "training", (16, 4, 5)),
        ("split", "dev", "train", (20, 5, 0)),
        ("split", "1", "0", (20, 5, 0)),
        ("split", "2", "0", (16, 4, 5)),
        ("is_test", "True", "False", (16, 4, 5)),
        ("is_valid", "True", "False", (20, 5, 0)),
        ("subset", "eval", "train", (16, 4, 5)),
    ],
)
def test_the_tutorial_does_not_train_on_what_a_column_holds_out(
    tmp_path: Path, header: str, held_out: str, learned: str, sizes: tuple[int, int, int]
) -> None:
    """Held-out rows stand first, where the tutorial takes its training texts."""
    rows = [f"held {i},{i % 2},{held_out}" for i in range(5)]
    rows += [f"{row},{learned}" for row in plain()]
    found = load_texts(table(tmp_path / "t.csv", rows, f"text,target,{header}"), IN_ORDER)
    assert not any("held" in text for text in found.train.text)
    assert tuple(len(part or ()) for part in (found.train, found.valid, found.test)) == sizes
    assert found.train.text == [f"text {i}" for i in range(sizes[0])]


def test_the_tutorial_beside_files_of_their_own(tmp_path: Path) -> None:
    test = table(tmp_path / "u.csv", ["held 0,1", "held 1,0"])
    found = load_texts(
        table(tmp_path / "t.csv", plain()), Cut(0.2, 0.0, 123, in_order=True, test_file=test)
    )
    assert tuple(len(part or ()) for part in (found.train, found.valid, found.test)) == (16, 4, 2)
