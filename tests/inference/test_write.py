"""Choosing the next character."""

import itertools

import torch

from handloom.inference.copied import compressed, longest_copy
from handloom.inference.write import Choice, kept, pick, write

LOGITS = torch.log(torch.tensor([[0.5, 0.25, 0.15, 0.1]]))


def test_top_k_and_the_nucleus() -> None:
    torch.testing.assert_close(kept(LOGITS, None, None), LOGITS.exp())
    torch.testing.assert_close(kept(LOGITS, 2, None), torch.tensor([[2 / 3, 1 / 3, 0, 0]]))
    assert kept(LOGITS, None, 0.5).count_nonzero() == 1
    assert kept(LOGITS, None, 0.51).count_nonzero() == 2
    assert kept(LOGITS, None, 0.76).count_nonzero() == 3
    assert kept(LOGITS, None, 1e-9).count_nonzero() == 1
    assert kept(LOGITS, 99, 1.0).count_nonzero() == 4


def test_greedy_and_sampled() -> None:
    generator = torch.Generator().manual_seed(0)
    assert pick(LOGITS, Choice(0), generator).tolist() == [0]
    drawn = pick(LOGITS.expand(20_000, -1), Choice(1.0), generator)
    share = torch.bincount(drawn, minlength=4) / 20_000
    torch.testing.assert_close(share, LOGITS.exp()[0], atol=0.02, rtol=0)
    cold = pick(LOGITS.expand(2000, -1), Choice(0.05), generator)
    assert (cold == 0).all()


def test_what_is_written_is_read_again() -> None:
    def step(token: int) -> torch.Tensor:
        return torch.eye(5)[(token + 1) % 5]

    written = write(step, [0, 1, 2], Choice(0), torch.Generator())
    assert list(itertools.islice(written, 6)) == [3, 4, 0, 1, 2, 3]


def test_copies_are_found() -> None:
    assert longest_copy("xxthe cat satyy", "on the cat sat") == "the cat sat"
    assert longest_copy("abc", "xyz") == ""
    assert longest_copy("same", "same") == "same"


def test_compressors_are_told_the_training_text() -> None:
    text = "".join(chr(97 + (i * i * 7 + i // 3) % 26) for i in range(4000))
    told, untold = compressed(text, text), compressed("z" * 4000, text)
    assert told["xz"] < 0.5 * untold["xz"]
    assert told["bzip2"] > 0
