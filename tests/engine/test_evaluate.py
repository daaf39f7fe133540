"""Evaluation judges the whole set at once, and leaves no trace."""

import pytest
import torch
from torch import nn

from handloom.data.loaders import InMemoryLoader
from handloom.engine.evaluate import collect, evaluate
from handloom.objectives.classification import Classification
from tests.engine.toys import FLOAT32, adversaries, convolutional, images


def test_a_short_last_batch_weighs_what_it_is() -> None:
    objective = Classification(convolutional())
    source = images(41, batch=16)
    source.shuffle = False
    outputs = collect(objective, source, FLOAT32)
    assert outputs["logits"].shape == (41, 4)
    assert torch.equal(outputs["label"], torch.arange(41) % 4)
    found = evaluate(objective, source, FLOAT32)
    right = (outputs["logits"].argmax(1) == outputs["label"]).sum().item()
    assert found["accuracy"] == pytest.approx(right / 41)


def test_outputs_do_not_depend_on_the_batch_size() -> None:
    objective = Classification(convolutional(dropout=0.5))
    found = []
    for batch in (41, 7, 1):
        source = images(41, batch=batch)
        source.shuffle = False
        found.append(collect(objective, source, FLOAT32)["logits"])
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[0], found[2])


def test_mode_and_statistics_are_put_back_even_after_an_error() -> None:
    class Broken(nn.Module):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("broken")

    objective = Classification(nn.Sequential(nn.BatchNorm2d(1), Broken()))
    before = {k: v.clone() for k, v in objective.state_dict().items()}
    with pytest.raises(RuntimeError, match="broken"):
        evaluate(objective, images(), FLOAT32)
    assert objective.training
    assert all(torch.equal(before[k], v) for k, v in objective.state_dict().items())
    objective.eval()
    with pytest.raises(RuntimeError, match="broken"):
        evaluate(objective, images(), FLOAT32)
    assert not objective.training


def test_noise_is_the_same_every_time_and_the_generator_is_put_back() -> None:
    objective = adversaries().objective
    source = InMemoryLoader({"number": torch.zeros(40, 1)}, 16, shuffle=False)
    first = collect(objective, source, FLOAT32)["fake"]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert torch.equal(collect(objective, source, FLOAT32)["fake"], first)
    assert torch.equal(torch.get_rng_state(), before)
