"""Rare classes: balanced weights find them, in every kind of network."""

import random
from pathlib import Path
from typing import Any

import pytest

import handloom

SIGNS = [f"sign{i}" for i in range(12)]
FILLERS = [f"word{i}" for i in range(300)]


def pairs(rare: dict[str, float], texts: int) -> list[tuple[str, str]]:
    """Texts of ten words. Those of a rare class have two of four words of its own, one of which a
    hundredth of the others has too."""
    draw = random.Random(0)
    made = []
    for _ in range(texts):
        words = draw.choices(FILLERS, k=8)
        point, target = draw.random(), "usual"
        for number, (name, share) in enumerate(rare.items()):
            own = SIGNS[4 * number : 4 * number + 4]
            if 0 <= point < share:
                words, target = words + draw.sample(own, 2), name
            elif draw.random() < 1 / 100:
                words = [*words, draw.choice(own)]
            point -= share
        made.append((" ".join(words), target))
    return made


@pytest.mark.parametrize(
    ("rare", "options"),
    [
        ({"fraud": 0.03}, {"network": "linear"}),
        ({"fraud": 0.04}, {"network": "bag", "bayes": True, "epochs": 12}),
        ({"fraud": 0.04, "spam": 0.06}, {"network": "linear", "bayes": True}),
        ({"fraud": 0.05}, {}),
    ],
)
def test_balanced_weights_find_rare_classes(
    tmp_path: Path, rare: dict[str, float], options: dict[str, Any]
) -> None:
    data = pairs(rare, 1_200)
    shares = {"validation": 0.1, "test_share": 0.3}
    found = {}
    for weights in ("none", "balanced"):
        run = handloom.train("text-classifier", data, out=tmp_path / weights, quiet=True,
                             class_weights=weights, **shares, **options)  # fmt: skip
        found[weights] = run.evaluate()["classes"]
    for name in rare:
        assert found["balanced"][name]["recall"] >= max(0.55, found["none"][name]["recall"])
        assert found["balanced"]["usual"]["recall"] > 0.75
