"""Reading texts in any order; the words that move a decision."""

from pathlib import Path

import pytest
import torch

from handloom.data.text.tokenizer import UNKNOWN, learn_tokenizer, saved
from handloom.engine.precision import Precision
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier.explain import Word, moved, read, tokens_of, words_of
from handloom.models.text.classifiers import BagOfWords
from handloom.runs.directory import RunDirectory

PRECISION = Precision(torch.device("cpu"), None)


def made() -> BagOfWords:
    """Word 1 speaks for class 1, word 2 against it, others for nothing."""
    network = BagOfWords(6, 2, 2).eval()
    with torch.no_grad():
        network.words.weight.zero_()
        network.words.weight[1, 1] = network.words.weight[2, 0] = 4.0
        network.head.weight.copy_(torch.eye(2))
        network.head.bias.zero_()
    return network


def test_order_does_not_matter() -> None:
    texts = [[1, 3, 4], [2], [3, 3, 3, 3, 1], [5, 2]]
    tokens = torch.tensor([i for text in texts for i in text], dtype=torch.int32)
    length = torch.tensor([len(t) for t in texts])
    found = read(made(), tokens, length, PRECISION, batch=2)
    for row, text in zip(found, texts, strict=True):
        alone = read(made(), torch.tensor(text).int(), torch.tensor([len(text)]), PRECISION)
        torch.testing.assert_close(row, alone[0])


def test_words_that_moved() -> None:
    weights = moved(made(), torch.tensor([3, 1, 2, 1]), 1, PRECISION)
    assert weights[1] > 0 > weights[2]
    assert weights[1] == weights[3]
    assert not moved(made(), torch.tensor([3]), 1, PRECISION).any()


@pytest.mark.parametrize("keep_unknown", [True, False])
@pytest.mark.parametrize("units", ["words", "characters"])
def test_words_stand_as_they_were_written_one_for_each_token(
    keep_unknown: bool, units: str, tmp_path: Path
) -> None:
    texts = ["A Bad film, 坏片 !", "unheard words", "", "Zzz \n zzz", "It's 😀 bad"]
    tokenizer = learn_tokenizer(["a bad film 坏", "it's bad"], 50, 1, False, units)
    how = {"max_length": 5, "keep_unknown": keep_unknown, "units": units}
    config = {"preprocessing": how, "tokenizer": saved(tokenizer)}
    run = Loaded(RunDirectory(tmp_path), config, {}, PRECISION)
    tokens, length = tokens_of(run, texts)
    words = words_of(run, texts)
    assert [len(row) for row in words] == length.tolist()
    for row, ids in zip(words, tokens.split(length.tolist()), strict=True):
        assert [word.is_known for word in row if word.text] == [
            int(id) != UNKNOWN for word, id in zip(row, ids, strict=True) if word.text
        ]
    if keep_unknown and units == "words":
        assert [word.text for word in words[0]] == ["film", ",", "坏", "片", "!"]
        assert [word.is_known for word in words[0]] == [True, False, True, False, False]
    if not keep_unknown and units == "words":
        assert [word.text for word in words[0]] == ["A", "Bad", "film", "坏"]
        assert words[1] == words[2] == [Word("", False)]
