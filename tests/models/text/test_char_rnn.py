"""Character networks: look-ups are one-hot products, and the cells are torch's."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.text.char_rnn import CharRNN, ScratchRNN, blank
from handloom.models.text.stepper import Stepper

V, H, B, T = 11, 6, 3, 8


def reference(network: ScratchRNN, tokens: Tensor, state: Tensor) -> tuple[Tensor, list[Tensor]]:
    """torch.nn.RNN on one-hot characters with the same weights; logits, and weight gradients."""
    rnn = nn.RNN(V, H, nonlinearity="relu" if network.relu else "tanh")
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(network.W_xh.t())
        rnn.weight_hh_l0.copy_(network.W_hh.t())
        rnn.bias_ih_l0.copy_(network.b_h)
        rnn.bias_hh_l0.zero_()
    hidden, _ = rnn(F.one_hot(tokens.t(), V).float(), state[0])
    logits = hidden @ network.W_hq.detach() + network.b_q.detach()
    F.cross_entropy(logits.flatten(0, 1), tokens.t().flatten()).backward()
    gradients = [rnn.weight_ih_l0.grad, rnn.weight_hh_l0.grad, rnn.bias_ih_l0.grad]
    return logits, [g.t() if g.ndim == 2 else g for g in gradients if g is not None]


@pytest.mark.parametrize("relu", [False, True])
def test_scratch_equals_torch_rnn_on_one_hot(relu: bool) -> None:
    torch.manual_seed(0)
    network = ScratchRNN(V, H, relu)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.5)
    tokens, state = torch.randint(V, (B, T)), torch.randn(1, 1, B, H)
    wanted, gradients = reference(network, tokens, state)
    logits, after = network(tokens, state)
    torch.testing.assert_close(logits, wanted)
    F.cross_entropy(logits.flatten(0, 1), tokens.t().flatten()).backward()
    for mine, theirs in zip((network.W_xh, network.W_hh, network.b_h), gradients, strict=True):
        torch.testing.assert_close(mine.grad, theirs)
    assert after.shape == state.shape


def test_scratch_is_drawn_as_the_tutorial_says() -> None:
    torch.manual_seed(0)
    network = ScratchRNN(500, 256)
    assert abs(network.W_xh.std().item() - 0.01) < 1e-4
    assert not network.b_h.any()
    assert not network.b_q.any()


def test_simple_cell_equals_torch_rnn_in_layers() -> None:
    torch.manual_seed(0)
    network = CharRNN(V, H, "rnn", layers=2, embedding=4).eval()
    tokens, state = torch.randint(V, (B, T)), torch.randn(1, 2, B, H)
    logits, after = network(tokens, state)
    hidden, last = network.rnn(F.embedding(tokens.t(), network.table), state[0])
    torch.testing.assert_close(logits, network.linear(hidden))
    torch.testing.assert_close(after[0], last)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_state_goes_on_where_it_stopped(cell: str) -> None:
    torch.manual_seed(0)
    network = CharRNN(V, H, cell, layers=2, embedding=5).eval()  # type: ignore[arg-type]
    tokens = torch.randint(V, (B, T))
    whole, _ = network(tokens, blank(network, B))
    first, state = network(tokens[:, :3], blank(network, B))
    second, _ = network(tokens[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


@pytest.mark.parametrize(
    "network",
    [
        ScratchRNN(V, H),
        ScratchRNN(V, H, relu=True),
        CharRNN(V, H, "rnn"),
        CharRNN(V, H, "rnn", layers=2, embedding=4, relu=True),
        CharRNN(V, H, "gru", layers=2, embedding=4),
        CharRNN(V, H, "lstm", layers=3, embedding=4),
        CharRNN(V, H, "lstm", embedding=H, tied=True),
    ],
)
def test_stepping_equals_the_network(network: ScratchRNN | CharRNN) -> None:
    network.eval()
    tokens = torch.randint(V, (1, T))
    wanted, _ = network(tokens, blank(network, 1))
    step = Stepper(network)
    found = torch.stack([step(token) for token in tokens[0].tolist()])
    torch.testing.assert_close(found, wanted[:, 0])


def test_tied_tables_are_one() -> None:
    network = CharRNN(V, H, "lstm", embedding=H, tied=True)
    assert network.linear.weight is network.table
    assert len(list(network.parameters())) == len(list(CharRNN(V, H, embedding=H).parameters())) - 1


def test_gated_cells_need_an_embedding() -> None:
    with pytest.raises(ValueError, match="embedding"):
        CharRNN(V, H, "lstm")
