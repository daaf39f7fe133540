"""`--from`: every character keeps its weights, wherever it stands in the new vocabulary."""

from pathlib import Path

import pytest
import torch

import handloom
from handloom.jobs.char_rnn.adopt import adopt
from handloom.models.text.char_rnn import CharRNN, ScratchRNN


@pytest.mark.parametrize("kind", [CharRNN, ScratchRNN])
@pytest.mark.parametrize("letters", ["cab", "bcd", "abcz"])
def test_characters_keep_their_weights(kind: type, letters: str) -> None:
    torch.manual_seed(0)
    sizes = {"embedding": 3} if kind is CharRNN else {}
    before, after = kind(3, 4, **sizes), kind(len(letters), 4, **sizes)
    fresh = {key: tensor.clone() for key, tensor in after.state_dict().items()}
    saved = {"network": before.state_dict()}
    copied = adopt({"network": after}, saved, {"vocabulary": "abc"}, {"vocabulary": letters})
    assert len(copied) == len(fresh)
    table, bias = ("table", "linear.bias") if kind is CharRNN else ("W_xh", "b_q")
    for place, letter in enumerate(letters):
        for key in (table, bias):
            kept = saved["network"][key]["abc".index(letter)] if letter in "abc" else None
            wanted = fresh[key][place] if kept is None else kept
            torch.testing.assert_close(after.state_dict()[key][place], wanted)


def test_another_alphabet_begins_where_the_first_text_ended(tmp_path: Path) -> None:
    text = "the cat sat on the mat and the rat sat on the hat. " * 60
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "b.txt").write_text(text.replace("c", "#").replace("m", "A"))  # ids are shuffled
    options = dict(hidden=32, epochs=8, batch=4, seq_len=16, layers=1)
    first = handloom.train(
        "char-rnn", tmp_path / "a.txt", out=tmp_path / "a", quiet=True, **options
    )
    options["epochs"] = 1
    cold = handloom.train("char-rnn", tmp_path / "b.txt", out=tmp_path / "c", quiet=True, **options)
    warm = handloom.train(
        "char-rnn", tmp_path / "b.txt", out=tmp_path / "w", quiet=True, from_run=first.path,
        **options,
    )  # fmt: skip
    assert warm.evaluate()["loss"] < cold.evaluate()["loss"] - 0.5
