"""Networks for texts: padding never leaks, and each is what its paper says."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from handloom.models.text.classifiers import BagOfWords, TextCNN, TextRNN, WordTable

NETWORKS = {
    "lstm": lambda: TextRNN(20, 5, 3, "lstm", 6, layers=2),
    "gru": lambda: TextRNN(20, 5, 3, "gru", 6, bidirectional=False),
    "mean": lambda: TextRNN(20, 5, 3, "lstm", 6, pool="mean"),
    "tutorial": lambda: TextRNN(20, 5, 2, "lstm", 6, bidirectional=False, linear=4, one_logit=True),
    "cnn": lambda: TextCNN(20, 5, 3, maps=4),
    "bag": lambda: BagOfWords(20, 5, 3),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_does_not_leak(name: str) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name]().eval()
    alone = torch.randint(1, 20, (1, 4))
    padded = torch.zeros(2, 11, dtype=torch.int64)
    padded[0, :4] = alone
    padded[1] = torch.randint(1, 20, (11,))
    wanted = network(alone, torch.tensor([4]))
    found = network(padded, torch.tensor([4, 11]))
    torch.testing.assert_close(found[:1], wanted)


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_gets_no_gradient(name: str) -> None:
    network = NETWORKS[name]()
    tokens = torch.tensor([[3, 4, 0, 0], [5, 6, 7, 8]])
    network(tokens, torch.tensor([2, 4])).square().sum().backward()
    assert not network.words.weight.grad[0].any()
    assert network.words.weight.grad[3].any()


def test_backwards_equals_torch_bidirectional() -> None:
    torch.manual_seed(0)
    network = TextRNN(20, 5, 3, "lstm", 6).eval()
    both = nn.LSTM(5, 6, bidirectional=True)
    with torch.no_grad():
        for name, value in network.forwards[0].named_parameters():
            both.get_parameter(name).copy_(value)
        for name, value in network.backwards[0].named_parameters():
            both.get_parameter(f"{name}_reverse").copy_(value)
    tokens, length = torch.randint(1, 20, (2, 7)), torch.tensor([7, 3])
    rows = F.embedding(tokens.t(), network.words.weight)
    packed = nn.utils.rnn.pack_padded_sequence(rows, length)
    states, _ = nn.utils.rnn.pad_packed_sequence(both(packed)[0], padding_value=-torch.inf)
    torch.testing.assert_close(network(tokens, length), network.head(states.amax(0)))


def test_one_logit_is_binary_cross_entropy() -> None:
    network = TextRNN(20, 5, 2, "lstm", 6, one_logit=True)
    label = torch.tensor([0, 1, 1])
    logits = network(torch.randint(1, 20, (3, 4)), torch.tensor([4, 4, 4]))
    wanted = F.binary_cross_entropy_with_logits(logits[:, 1], label.float())
    torch.testing.assert_close(F.cross_entropy(logits, label), wanted)


def test_cnn_keeps_rows_within_the_norm() -> None:
    network = TextCNN(20, 5, 3, maps=4)
    with torch.no_grad():
        network.head.weight.mul_(100)
        network.head.weight[0] = 0.01
    network.project()
    assert network.head.weight.norm(dim=1).max() <= 3.0001
    assert (network.head.weight[0] == 0.01).all()


def test_channels_are_dropped_for_a_whole_text() -> None:
    table = WordTable(20, 50, frozen=True, dropout=0.5).train()
    with torch.no_grad():
        table.weight.fill_(1.0)
    rows = table(torch.randint(1, 20, (3, 7)))  # (T, B, E)
    assert (rows == rows[:1]).all()
    assert 0.2 < (rows[0] == 0).float().mean() < 0.8
    assert not table.weight.requires_grad


def test_vectors_that_learn_are_brought_to_the_tables_spread() -> None:
    torch.manual_seed(0)
    vector, rows = torch.randn(30, 50) * 0.65, torch.arange(5, 35)
    learnt, frozen = WordTable(200, 50, False, 0.0), WordTable(200, 50, True, 0.0)
    for table in (learnt, frozen):
        table.begin_with(rows, vector)
        assert not table.weight[0].any()
    torch.testing.assert_close(frozen.weight[5:35], vector)
    assert abs(frozen.weight[100:].std().item() - 0.65) < 0.03
    assert abs(learnt.weight[5:35].std().item() - 0.1) < 0.01
    direction = torch.cosine_similarity(learnt.weight[5:35], vector)
    torch.testing.assert_close(direction, torch.ones(30))
