"""What all trainings say of their data."""

from types import SimpleNamespace
from typing import Any

from handloom.data.images.dataset import Broken
from handloom.jobs.options import broken


def named(count: int) -> list[str]:
    data: Any = SimpleNamespace(broken=[Broken(f"{n}.jpg", "no such file") for n in range(count)])
    return broken(data)


def test_broken_images_are_named_while_they_are_few() -> None:
    assert named(0) == []
    assert named(1) == ["left out: 1 broken image: 0.jpg (no such file)"]
    assert named(4)[0].endswith("2.jpg (no such file); 3.jpg (no such file)")
    assert named(5)[0].endswith("2.jpg (no such file) and 2 more")
