"""Language modelling: carried state, honest codes for unknown characters."""

import math

import pytest
import torch

from handloom.data.text.stream import HeldOut, Windows
from handloom.engine.evaluate import evaluate
from handloom.engine.loop import Callback, Experiment, Fit, fit
from handloom.engine.optim import Adam
from handloom.engine.precision import Precision
from handloom.models.text.char_rnn import CharRNN, blank
from handloom.objectives.language_model import (
    UNSCORED,
    LanguageModel,
    escaped_nll,
    language_metrics,
)

CPU = torch.device("cpu")


def periodic(consecutive: bool, epochs: int = 8) -> float:
    """Loss after some epochs on a cycle in which four letters, and no fewer, tell the next.

    Windows are four letters long, so that without carried state only every fourth letter can be
    foretold: 0.3 nats and more.
    """
    torch.manual_seed(0)
    cycle = [0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1]  # de Bruijn
    text = torch.tensor(cycle * 125, dtype=torch.uint8)
    network = CharRNN(2, 32, "gru", embedding=4)
    windows = Windows(text, torch.arange(2), 4, 4, consecutive=consecutive)
    objective = LanguageModel(network, blank(network, 4), blank(network, 8), 0.01)
    experiment = Experiment(
        objective, windows, {"network": Adam(list(network.parameters()), 0.02)}, epochs,
        {"network": network}, Precision(CPU, None),
    )  # fmt: skip
    fit(experiment, [last := Last()])
    return last.loss


class Last(Callback):
    """Remembers the loss of the last epoch."""

    loss = math.inf

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self.loss = record["train/loss"]


def test_state_is_carried_in_consecutive_sampling_alone() -> None:
    assert periodic(consecutive=True) < 0.25
    assert periodic(consecutive=False) > 0.35


def test_first_forgets_and_evaluation_leaves_state_alone() -> None:
    network = CharRNN(5, 8, "lstm", embedding=4)
    objective = LanguageModel(network, blank(network, 2), blank(network, 3), 0.01)
    batch = {
        "tokens": torch.randint(5, (2, 6)),
        "target": torch.randint(5, (2, 6)),
        "first": torch.tensor([True, True]),
    }
    objective.loss(batch)
    state = objective.state.clone()
    assert state.any()
    batch["first"] = torch.tensor([True, False])
    objective.loss(batch)
    torch.testing.assert_close(objective.state[:, :, 0], state[:, :, 0])
    assert not torch.equal(objective.state[:, :, 1], state[:, :, 1])
    after = objective.state.clone()
    tokens = torch.randint(5, (50,))
    evaluate(objective, HeldOut(tokens, tokens, tokens[:0], streams=3), Precision(CPU, None))
    assert torch.equal(objective.state, after)
    assert not objective.eval_state.any()


def test_streams_change_nothing_but_the_speed() -> None:
    torch.manual_seed(0)
    network = CharRNN(5, 8, "lstm", embedding=4)
    tokens, found = torch.randint(5, (3000,)), []
    for streams in (1, 4):
        state = blank(network, streams)
        objective = LanguageModel(network, state, state.clone(), 0.01)
        source = HeldOut(tokens, tokens, tokens[:0], streams=streams)
        found.append(evaluate(objective, source, Precision(CPU, None))["loss"])
    assert abs(found[0] - found[1]) < 1e-4


def test_unknown_characters_are_a_proper_code() -> None:
    logits = torch.randn(1, 1, 7)
    known = [escaped_nll(logits, torch.tensor([[i]]), 0.05).item() for i in range(7)]
    unknown = escaped_nll(logits, torch.tensor([[7]]), 0.05).item()
    total = sum(math.exp(-nats) for nats in known) + (0x110000 - 7) * math.exp(-unknown)
    assert total == pytest.approx(1.0, abs=1e-5)


def test_unscored_characters_do_not_count() -> None:
    target = torch.tensor([[UNSCORED, 1, UNSCORED]])
    nll = escaped_nll(torch.zeros(1, 3, 4), target, 1e-9)
    found = language_metrics(nll.flatten(), (target != UNSCORED).flatten())
    assert found["loss"].item() == pytest.approx(math.log(4))
    assert found["bits_per_character"].item() == pytest.approx(2.0)
    assert found["perplexity"].item() == pytest.approx(4.0)


def test_a_network_that_diverged_is_not_scored_without_its_worst_characters() -> None:
    logits = torch.zeros(1, 3, 4)
    logits[0, 1] = math.nan
    target = torch.tensor([[0, 1, UNSCORED]])
    nll = escaped_nll(logits, target, 0.01)
    metrics = language_metrics(nll.flatten(), (target != UNSCORED).flatten())
    assert math.isnan(metrics["loss"].item())
