"""Long texts: read in windows, wherever the words stand that matter; what is cut is said."""

import random
from pathlib import Path
from typing import Any

import pytest

import handloom

FILLERS = [f"word{i}" for i in range(200)]
GOOD, BAD = ["lovely", "warm", "funny", "clever"], ["dull", "grim", "slow", "empty"]


def pairs(place: str, length: int, texts: int = 160) -> list[tuple[str, str]]:
    """Texts with eight words that matter at the beginning, in the middle or at the end."""
    draw = random.Random(0)
    made = []
    for i in range(texts):
        filler = draw.choices(FILLERS, k=length - 8)
        own = draw.choices(GOOD if i % 2 else BAD, k=8)
        at = {"front": 0, "middle": length // 2, "back": length - 8}[place]
        made.append((" ".join(filler[:at] + own + filler[at:]), "pn"[i % 2]))
    return made


@pytest.mark.parametrize(
    ("place", "length", "options"),
    [
        ("front", 700, {"network": "linear"}),
        ("middle", 900, {"network": "bag", "window": 64, "lr": 0.03}),
        ("back", 300, {"network": "bag"}),
        ("front", 120, {"network": "lstm", "window": 32, "hidden": 16, "epochs": 8}),
    ],
)
def test_words_count_wherever_they_stand(
    tmp_path: Path, place: str, length: int, options: dict[str, Any]
) -> None:
    run = handloom.train("text-classifier", pairs(place, length), out=tmp_path / "r", quiet=True,
                         test_share=0.2, **options)  # fmt: skip
    assert run.evaluate()["accuracy"] > 0.9


@pytest.mark.parametrize(("place", "most"), [("front", 50), ("middle", 99), ("back", 200)])
def test_what_is_cut_is_said(
    tmp_path: Path, place: str, most: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = handloom.train("text-classifier", pairs(place, 300), out=tmp_path / "r", quiet=False,
                         network="linear", max_length=most)  # fmt: skip
    said = capsys.readouterr().err
    assert f"160 texts of more than {most} tokens, of which only the last {most} are read" in said
    assert (run.evaluate()["accuracy"] > 0.9) == (place == "back")
    notes = [record.get("note") for record in run.predict(["short", "long " * 300])]
    assert notes[1] in ("no known word", f"cut: the last {most} of 300 tokens are read")
    text, _ = pairs(place, 300)[0]
    assert run.predict(text)[0]["note"] == f"cut: the last {most} of 300 tokens are read"


def test_a_text_that_is_far_longer_than_those_of_training(tmp_path: Path) -> None:
    """It is read whole, within memory, and the report explains it by runs of words."""
    data = [*pairs("back", 20), (" ".join([*BAD, *FILLERS * 300]), "p")]
    rows = [f"{text},{target},{'test' if i > 140 else 'train'}"
            for i, (text, target) in enumerate(data)]  # fmt: skip
    (tmp_path / "t.csv").write_text("text,target,split\n" + "\n".join(rows))
    run = handloom.train("text-classifier", tmp_path / "t.csv", out=tmp_path / "r", quiet=True,
                         network="linear", bayes=True)  # fmt: skip
    assert run.evaluate()["accuracy"] >= 19 / 20
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert len(page) < 2_000_000
    assert run.config["preprocessing"]["max_length"] > 60_000
