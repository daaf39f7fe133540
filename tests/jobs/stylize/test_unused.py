"""What a style transfer does not use is declared."""

from typing import Any

import pytest

from handloom.jobs.stylize.unused import unused

PLAIN: dict[str, Any] = {
    "optimizer": "auto", "network": "vgg19", "paintings": ("a", "b"), "keep_colors": False,
    "colors": "painting",
}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, set()),
        ({"optimizer": "lbfgs"}, {"lr"}),
        ({"optimizer": "adam"}, {"history"}),
        ({"network": "random"}, {"pooling", "weights"}),
        ({"paintings": ("a",)}, {"style_weights"}),
        ({"keep_colors": True, "colors": "histogram"}, {"keep_colors"}),
        ({"keep_colors": True, "colors": "luminance"}, set()),
    ],
)
def test_by_the_other_options(options: dict[str, Any], names: set[str]) -> None:
    assert set(unused(PLAIN | options)) == names
