"""The moving average against one written by hand."""

import torch
from torch import nn

from handloom.engine.ema import EMA


def test_equals_an_average_by_hand_with_its_warm_up() -> None:
    source = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    average = EMA(source, 0.8)
    expected = [p.detach().clone().double() for p in source.parameters()]
    for n in range(1, 60):
        with torch.no_grad():
            for p in source.parameters():
                p.add_(torch.randn_like(p))
        source(torch.randn(5, 3))  # moves the statistics
        average.update()
        decay = min(0.8, (1 + n) / (10 + n))
        expected = [
            decay * e + (1 - decay) * p.detach().double()
            for e, p in zip(expected, source.parameters(), strict=True)
        ]
    for mine, e in zip(average.module.parameters(), expected, strict=True):
        torch.testing.assert_close(mine.double(), e, rtol=1e-5, atol=1e-5)
    for mine, theirs in zip(average.module.buffers(), source.buffers(), strict=True):
        assert torch.equal(mine, theirs)


def test_is_no_parameter_and_always_judges() -> None:
    source = nn.Sequential(nn.Linear(3, 4), nn.Dropout())
    average = EMA(source, 0.9)
    assert not any(p.requires_grad for p in average.parameters())
    assert not average.train().module.training
    assert len(list(average.parameters())) == 2  # the source is not registered
    assert average.module[0].weight.data_ptr() != source[0].weight.data_ptr()  # type: ignore[index, union-attr, operator]


def test_an_update_does_not_wait(no_waiting) -> None:  # type: ignore[no-untyped-def]
    average = EMA(nn.Linear(3, 4), 0.9)
    with no_waiting():
        average.update()
