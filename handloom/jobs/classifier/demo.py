"""Classify: the handwritten digits that ship inside scikit-learn, in a few seconds."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display


def demo(folder: Path, display: "Display") -> None:
    """Train, evaluate on the test split, and show the images the network is least sure of."""
    from handloom.data.images.load import load
    from handloom.display.console import Display
    from handloom.display.images import art, beside
    from handloom.jobs.run import open_run
    from handloom.jobs.training import train

    path = folder / "digits"
    display.message(f"handloom train classifier digits --out {path}", "cyan")
    run = open_run(train("classifier", "digits", {}, Display(), path).path)
    evaluation = run.evaluation
    assert evaluation is not None
    display.message(run.describe(evaluation))

    display.message(f"\nhandloom predict {path} digits", "cyan")
    records = run.predict("digits")
    test = load("digits").test
    assert test is not None
    pixels: dict[str, Tensor] = dict(zip(test.names, test.image, strict=True))
    doubtful = sorted(records, key=lambda record: float(record["probability"]))[:5]
    display.message("The five test images the network is least sure of:")
    images = [
        [*art(pixels[record["input"]]), f"{record['label']} ({100 * record['probability']:.0f} %)",
         f"is {record['actual']}"]
        for record in doubtful
    ]  # fmt: skip
    display.message(beside(images))
