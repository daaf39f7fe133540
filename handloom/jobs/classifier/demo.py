"""Classify: the handwritten digits that ship inside scikit-learn, in a few seconds."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor


def demo(folder: Path, console: "Console") -> None:
    """Train, judge on the test split, and draw the images it is least sure of."""
    import handloom
    from handloom.data.images import load
    from handloom.display import art, beside

    path = folder / "digits"
    console.print(f"handloom train classifier digits --out {path}", style="cyan", soft_wrap=True)
    run = handloom.train("classifier", "digits", out=path)
    found = run.evaluation
    assert found is not None
    console.print(run.sentence(found), highlight=False)

    console.print(f"\nhandloom predict {path} digits", style="cyan", soft_wrap=True)
    records = run.predict("digits")
    test = load("digits").test
    assert test is not None
    pixels: dict[str, Tensor] = dict(zip(test.names, test.image, strict=True))
    doubtful = sorted(records, key=lambda record: float(record["probability"]))[:5]
    console.print("The five test images it is least sure of:", highlight=False)
    drawn = [
        [*art(pixels[record["input"]]), f"{record['label']} ({100 * record['probability']:.0f} %)",
         f"is {record['actual']}"]
        for record in doubtful
    ]  # fmt: skip
    console.print(beside(drawn), highlight=False, soft_wrap=True)
