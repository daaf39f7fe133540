"""`predict --explain` and `run.explain`: what spoke for single predictions."""

from pathlib import Path

import pytest

import handloom
from handloom.cli.main import main
from handloom.errors import UserError
from handloom.jobs.results import Heat

GOLDEN = Path(__file__).parents[2] / "golden"


def test_images(digits_run: Path, tmp_path: Path) -> None:
    image, page = GOLDEN / "classifier" / "digit.png", tmp_path / "why.html"
    run = handloom.open(digits_run)
    explained = run.explain(image)
    assert [each.record for each in explained] == run.predict(image)
    heat = explained[0].because
    assert isinstance(heat, Heat)
    assert heat.heat.shape == heat.image.shape[:2] == heat.heated.shape[:2]
    assert 0 <= float(heat.heat.min()) <= float(heat.heat.max()) <= 1
    assert main(["predict", str(digits_run), str(image), "--explain", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "Grad-CAM" in text
    assert text.count("<img") == 2


def test_texts_and_what_cannot_be_read(tmp_path: Path) -> None:
    table, page = tmp_path / "t.csv", tmp_path / "why.html"
    table.write_text("text\n<b>class</b> methods are functions\na module is a file\n")
    run = handloom.open(GOLDEN / "text-classifier")
    explained = run.explain(str(table), abstain_below=0.99)
    assert [each.record["label"] for each in explained] == [None, None]
    words = explained[1].because
    assert isinstance(words, tuple)
    assert [word[0] for word in words] == ["a", "module", "is", "a", "file"]
    command = ["predict", str(run.path), str(table), "--explain", str(page)]
    assert main([*command, "--abstain-below", "0.99"]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<mark" in text
    assert "not sure" in text
    assert "<b>class" not in text


def test_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    image, page = GOLDEN / "classifier" / "digit.png", tmp_path / "why.html"
    run = handloom.open(GOLDEN / "classifier")  # an MLP
    assert run.explain(image)[0].because is None
    assert main(["predict", str(run.path), str(image), "--explain", str(page)]) == 0
    assert "Nothing can be said" in page.read_text(encoding="utf-8")
    assert main(["predict", str(run.path), str(image), "--explain", "why.txt"]) == 2
    with pytest.raises(UserError, match="available"):
        handloom.open(GOLDEN / "gan").explain("x")
