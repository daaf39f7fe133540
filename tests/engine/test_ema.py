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


def test_a_share_of_the_way_is_an_interpolation_with_the_first_weights() -> None:
    """Wortsman et al. 2022, eq. 1, whenever somebody looks; what stands still is left alone."""
    source = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    source[0].bias.requires_grad_(False)
    plain, part = EMA(source, 0.8), EMA(source, 0.8, share=0.7)
    start = [p.detach().clone() for p in source.parameters()]
    for _ in range(20):
        with torch.no_grad():
            for p in source.parameters():
                p.add_(torch.randn_like(p) * p.requires_grad)
        plain.update()
        part.update()
        for first, whole, mine in zip(
            start, plain.module.parameters(), part.module.parameters(), strict=True
        ):
            torch.testing.assert_close(mine, first + 0.7 * (whole - first))


def test_a_decay_of_zero_follows_at_once() -> None:
    source = nn.Linear(2, 2, bias=False)
    average, first = EMA(source, 0.0, share=0.25), source.weight.detach().clone()
    with torch.no_grad():
        source.weight.add_(1)
    average.update()
    torch.testing.assert_close(average.module.weight, first + 0.25)  # type: ignore[arg-type]


def test_the_first_weights_are_a_part_of_the_state() -> None:
    """A resumed run begins elsewhere, and would interpolate with other weights."""
    average, other = (EMA(nn.Linear(2, 2), 0.9, share=0.5) for _ in range(2))
    other.load_state_dict(average.state_dict())
    assert other.get_buffer("start_0").equal(average.get_buffer("start_0"))
