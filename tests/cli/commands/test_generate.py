"""sample: texts of a char-rnn and images of the other generative runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands.conftest import size


def test_texts(typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path) -> None:
    run, same = trained("char-rnn"), ("--prefix", "the ", "--length", 20, "--seed", 3)
    shown = typed("sample", run, *same)
    (record,) = typed("sample", run, *same, "--json").records
    assert set(record) == {"text"}
    assert shown.out == record["text"] + "\n"
    assert record["text"].startswith("the ")
    out = tmp_path / "texts.txt"
    assert typed("sample", run, *same, "--count", 2, "--out", out).status == 0
    assert out.read_text(encoding="utf-8").startswith(record["text"])


@pytest.mark.parametrize("job", ["autoencoder", "vae", "gan"])
def test_one_image_of_many(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path, job: str
) -> None:
    out = tmp_path / "grid.png"
    (record,) = typed("sample", trained(job), "--count", 9, "--out", out, "--json").records
    assert set(record) == {"out", "images", "size", "source", "classes"}
    assert (record["out"], record["images"], record["size"]) == (str(out), 9, [8, 8])
    assert size(out) > (8, 8)
    made = typed("sample", trained(job), "--count", 9)
    assert "9 images, 8x8, " in made.out
    assert (trained(job) / "samples" / "grid.png").exists()


def test_a_folder_of_single_images(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path
) -> None:
    made = typed("sample", trained("vae"), "--count", 3, "--out", tmp_path, "--json")
    assert [Path(record["out"]).name for record in made.records] == ["1.png", "2.png", "3.png"]
    assert all(size(record["out"]) == (8, 8) for record in made.records)


def test_refusals(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path
) -> None:
    run = trained("vae")
    for words, says in [
        (("--out", tmp_path / "grid.tiff"), "give a name that ends in .png"),
        (("--out", tmp_path / "no" / "grid.png"), "does not exist; make it first"),
        (("--count", 0), "--count 0: must be 1 to 10000"),
        (("--truncation", 2), "--truncation 2"),
        (("--seed", 2**32), "--seed 4294967296: must be 0 to 4294967295"),
        (("--class", "3"), "class"),
        (("--temperature", 1), "there is no flag '--temperature'"),
    ]:
        refused = typed("sample", run, *words)
        assert (refused.status, refused.out) == (2, ""), words
        assert says in refused.err
