"""Choosing the next character."""

import itertools

import torch

from handloom.jobs.char_rnn.generate import Sampling, kept, pick, write
from handloom.metrics.copied_text import compressed, longest_copy

LOGITS = torch.log(torch.tensor([[0.5, 0.25, 0.15, 0.1]]))


def test_top_k_and_the_nucleus() -> None:
    everything, places = kept(LOGITS, None, None)
    torch.testing.assert_close(everything, LOGITS.exp())
    assert places is None
    probability, places = kept(LOGITS.flip(1), 2, None)
    torch.testing.assert_close(probability, torch.tensor([[2 / 3, 1 / 3]]))
    assert places is not None
    assert places.tolist() == [[3, 2]]
    for top_p, count in ((0.5, 1), (0.51, 2), (0.76, 3), (1e-9, 1), (0.95, 4)):
        assert kept(LOGITS, None, top_p)[0].count_nonzero() == count
    assert kept(LOGITS, 99, 1.0)[0].count_nonzero() == 4
    assert kept(LOGITS, 3, 0.5)[0].tolist()[0][1:] == [0, 0]


def test_greedy_and_sampled() -> None:
    generator = torch.Generator().manual_seed(0)
    assert pick(LOGITS, Sampling(0), generator).tolist() == [0]
    drawn = pick(LOGITS.expand(20_000, -1), Sampling(1.0), generator)
    share = torch.bincount(drawn, minlength=4) / 20_000
    torch.testing.assert_close(share, LOGITS.exp()[0], atol=0.02, rtol=0)
    cold = pick(LOGITS.expand(2000, -1), Sampling(0.05), generator)
    assert (cold == 0).all()


def test_what_is_written_is_read_again() -> None:
    def step(token: int) -> torch.Tensor:
        return torch.eye(5)[(token + 1) % 5]

    written = write(step, [0, 1, 2], Sampling(0), torch.Generator())
    assert list(itertools.islice(written, 6)) == [3, 4, 0, 1, 2, 3]


def test_copies_are_found() -> None:
    assert longest_copy("xxthe cat satyy", "on the cat sat") == "the cat sat"
    assert longest_copy("abc", "xyz") == ""
    assert longest_copy("same", "same") == "same"


def test_compressors_are_told_the_training_text() -> None:
    text = "".join(chr(97 + (i * i * 7 + i // 3) % 26) for i in range(4000))
    told, untold = compressed(text, text), compressed("z" * 4000, text)
    assert told is not None
    assert untold is not None
    assert told["xz"] < 0.5 * untold["xz"]
    assert told["bzip2"] > 0


def test_whole_bytes_of_a_short_text_are_no_figure() -> None:
    assert compressed("the quick brown fox " * 100, "the quick brown fox " * 15) is None
