"""`--from` between text runs: words and classes by name, not by place."""

import pytest
import torch

from handloom.jobs.text_classifier.adopt import adopt
from handloom.models.text.classifiers import BagOfWords, TextRNN
from handloom.models.text.ensemble import Ensemble, Windowed
from handloom.models.text.linear import TfidfLinear
from handloom.models.text.naive_bayes import NaiveBayes
from handloom.models.text.ngrams import NGrams


def record(words: list[str], classes: list[str]) -> dict[str, object]:
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *words])}
    return {"tokenizer": {"model": {"vocab": vocabulary}}, "classes": classes, "network": {}}


def test_words_and_classes_go_to_their_places() -> None:
    torch.manual_seed(0)
    theirs = Windowed(BagOfWords(5, 3, 2), 8)
    mine = Ensemble(
        Windowed(BagOfWords(6, 3, 3), 8), NGrams(6, 2, 4), TfidfLinear(4, 3), NaiveBayes(4, 3)
    )
    saved = {"network": {key: tensor.clone() for key, tensor in theirs.state_dict().items()}}
    before = record(["good", "bad", "film"], ["no", "yes"])
    after = record(["film", "new", "good", "bad"], ["yes", "maybe", "no"])
    copied = adopt({"network": mine}, saved, before, after)
    assert copied == {
        f"network/network.network.{key}" for key in ("words.weight", "head.weight", "head.bias")
    }
    assert mine.network is not None
    state = mine.network.state_dict()
    old = saved["network"]
    torch.testing.assert_close(state["network.words.weight"][2], old["network.words.weight"][4])
    torch.testing.assert_close(state["network.words.weight"][4], old["network.words.weight"][2])
    torch.testing.assert_close(state["network.head.bias"][[0, 2]], old["network.head.bias"][[1, 0]])


def test_another_width_is_left_alone() -> None:
    theirs, mine = BagOfWords(5, 3, 2), BagOfWords(5, 4, 2)
    names = record(["a", "b", "c"], ["x", "y"])
    copied = adopt({"network": mine}, {"network": theirs.state_dict()}, names, names)
    assert copied == {"network/head.bias"}


@pytest.mark.parametrize(
    ("classes", "copied"),
    [
        (["no", "yes"], {"head.0.weight", "head.0.bias", "head.2.weight", "head.2.bias"}),
        (["ham", "spam"], {"head.0.weight", "head.0.bias"}),  # one logit of other classes
        (["no", "yes", "maybe"], {"head.0.weight", "head.0.bias"}),  # one logit for three
    ],
)
def test_the_tutorials_one_logit_is_of_its_two_classes(
    classes: list[str], copied: set[str]
) -> None:
    theirs = TextRNN(5, 4, 2, hidden=3, linear=16, one_logit=True)
    mine = TextRNN(5, 4, len(classes), hidden=3, linear=16, one_logit=len(classes) == 2)
    words = ["a", "b", "c"]
    names = adopt(
        {"network": mine}, {"network": theirs.state_dict()},
        record(words, ["no", "yes"]), record(words, classes),
    )  # fmt: skip
    assert {name for name in names if "head" in name} == {f"network/{key}" for key in copied}


def test_a_hidden_layer_as_wide_as_there_are_classes_is_not_the_head() -> None:
    kinds = [str(number) for number in range(16)]
    theirs, mine = (TextRNN(5, 4, 16, hidden=3, linear=16) for _ in range(2))
    before = record(["a", "b", "c"], kinds)
    after = record(["a", "b", "c"], kinds[::-1])
    adopt({"network": mine}, {"network": theirs.state_dict()}, before, after)
    old, new = theirs.state_dict(), mine.state_dict()
    assert torch.equal(new["head.0.weight"], old["head.0.weight"])
    assert torch.equal(new["head.2.weight"], old["head.2.weight"].flip(0))
