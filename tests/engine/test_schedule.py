"""Schedules are pure functions of the fraction done."""

import math

import pytest
import torch

from handloom.engine.schedule import (
    SCHEDULES,
    ScheduledValue,
    constant,
    hold_then_fall,
    make,
    one_cycle,
    warmup_cosine,
)


def test_warmup_then_half_a_cosine() -> None:
    schedule = warmup_cosine(warmup=0.1, floor=0.2)
    assert schedule(0.05) == pytest.approx(0.5)
    assert schedule(0.1) == pytest.approx(1.0)
    assert schedule(0.55) == pytest.approx(0.6)
    assert schedule(1.0) == pytest.approx(0.2)
    assert schedule(0.775) == pytest.approx(0.2 + 0.8 * 0.5 * (1 + math.cos(0.75 * math.pi)))
    assert warmup_cosine(warmup=0.0)(0.0) == pytest.approx(1.0)


def test_one_cycle_is_two_lines() -> None:
    schedule = one_cycle(peak=0.25, floor=0.0)
    values = [schedule(f) for f in (0.0, 0.125, 0.25, 0.625, 1.0)]
    assert values == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])
    assert one_cycle(floor=0.01)(0.0) == pytest.approx(0.01)
    assert one_cycle(floor=0.01)(1.0) == pytest.approx(0.01)


def test_a_scheduled_value_writes_in_place() -> None:
    tensor = torch.tensor(0.0)
    address = tensor.data_ptr()
    ScheduledValue(tensor, lambda fraction: 3 * fraction).update(0.5)
    assert tensor.item() == 1.5
    assert tensor.data_ptr() == address
    assert constant(0.3) == 1.0


def test_hold_then_fall() -> None:
    shape = hold_then_fall(0.5, 0.01)
    assert [shape(f) for f in (0.0, 0.3, 0.5)] == [1.0, 1.0, 1.0]
    assert shape(0.75) == pytest.approx(0.505)
    assert shape(1.0) == shape(1.2) == pytest.approx(0.01)


def test_every_schedule_is_made_by_its_name() -> None:
    for name in SCHEDULES:
        schedule = make(name)  # type: ignore[arg-type]
        assert 0 < max(schedule(f / 20) for f in range(21)) <= 1
    assert make("cosine", until=0.1)(0.05) == warmup_cosine(0.1)(0.05)
    assert make("one-cycle", until=0.1)(0.1) == 1
    assert make("constant", until=0.1)(0.5) == 1
    assert make("fall")(0.75) == hold_then_fall()(0.75)
