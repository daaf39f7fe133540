"""The panel of the classifier: what it is least sure of, right and wrong."""

import torch

from handloom.jobs.classifier.demo import _panel


def test_the_panel_says_which_are_right() -> None:
    pixels = {f"test/{n}": torch.zeros(8, 8, 1, dtype=torch.uint8) for n in range(12)}
    records = [
        {"input": name, "label": "3", "actual": "3" if n else "5", "probability": 0.5 + n / 24}
        for n, name in enumerate(pixels)
    ]
    panel = _panel({"accuracy": 0.98765, "images": 359}, records, pixels)
    assert panel.figure == "98.8 %"
    assert panel.body.count('class="tile bad"') == 1
    assert panel.body.count('class="tile good"') == 11
    assert "3 · 50 %" in panel.body
