"""Reading texts in any order; the words that move a decision."""

import torch

from handloom.engine.precision import Precision
from handloom.jobs.text_classifier.explain import moved, read
from handloom.models.text.classifiers import BagOfWords

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
