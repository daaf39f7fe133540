"""Probabilities, and the temperature that makes them honest."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from handloom.engine.inference import fit_temperature, images_at_once, logits_of
from handloom.engine.precision import Precision


@settings(max_examples=20)  # a tenth of a second each
@given(st.floats(0.3, 3.5))
def test_finds_the_temperature_that_labels_were_drawn_with(temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(20_000, 5, generator=generator)
    drawn = torch.multinomial((logits / temperature).softmax(1), 1, generator=generator)[:, 0]
    assert fit_temperature(logits, drawn) == pytest.approx(temperature, rel=0.1)


def test_is_the_minimum_of_the_loss() -> None:
    logits, label = torch.randn(500, 4), torch.randint(0, 4, (500,))
    logits[torch.arange(500), label] += 1.0
    best = fit_temperature(logits, label)
    loss = lambda t: F.cross_entropy(logits / t, label).item()
    assert loss(best) <= min(loss(best * 1.01), loss(best / 1.01))


def test_no_mistake_at_all_stays_bounded() -> None:
    logits = torch.eye(3).repeat(10, 1)
    assert fit_temperature(logits, logits.argmax(1)) == pytest.approx(0.25)


def test_batches_make_no_difference() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3)).eval()
    pixels = torch.randint(0, 256, (10, 2, 2, 3), dtype=torch.uint8)
    precision = Precision(torch.device("cpu"), None)
    whole = logits_of(network, pixels, precision)
    assert torch.allclose(whole, logits_of(network, pixels, precision, batch=3), atol=1e-6)
    image = pixels.permute(0, 3, 1, 2).float() / 255
    assert torch.allclose(whole, network(image), atol=1e-6)


def test_as_many_images_at_once_as_fit_the_cache() -> None:
    cpu = torch.device("cpu")
    sides = (28, 64, 224, 1024)
    assert [images_at_once(side, side, cpu) for side in sides] == [128, 96, 8, 8]
    assert images_at_once(224, 224, torch.device("cuda")) == 128
