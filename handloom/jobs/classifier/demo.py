"""Classify: the handwritten digits that ship inside scikit-learn, in a few seconds."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.jobs.classification.evaluation import Evaluation
    from handloom.jobs.results import Prediction
    from handloom.reports.panels import Panel

SHOWN, ON_TERMINAL = 12, 5  # images that the network is least sure of
TYPED = "handloom train classifier digits"


def demo(folder: Path, display: "Display") -> "Panel":
    """Train, evaluate on the test split, and show the images the network is least sure of."""
    from handloom.data.images.load import load
    from handloom.jobs.demonstration import demonstrated
    from handloom.jobs.run import open_run

    path = folder / "digits"
    run = open_run(demonstrated("classifier", "digits", {}, display, path))
    evaluation = run.evaluation
    assert evaluation is not None
    display.message(run.describe(evaluation))

    display.message(f"\nhandloom predict {path} digits", "cyan")
    records = run.predict("digits")
    test = load("digits").test
    assert test is not None
    pixels: dict[str, Tensor] = dict(zip(test.names, test.image, strict=True))
    doubtful = sorted(records, key=lambda record: float(record["probability"]))[:SHOWN]
    _show(doubtful[:ON_TERMINAL], pixels, display)
    return _panel(cast("Evaluation", evaluation), doubtful, pixels)


def _show(records: "list[Prediction]", pixels: "dict[str, Tensor]", display: "Display") -> None:
    from handloom.display.images import art, beside

    display.message("The five test images the network is least sure of:")
    images = [
        [*art(pixels[record["input"]]), f"{record['label']} ({100 * record['probability']:.0f} %)",
         f"is {record['actual']}"]
        for record in records
    ]  # fmt: skip
    display.message(beside(images))


def _panel(
    evaluation: "Evaluation", records: "list[Prediction]", pixels: "dict[str, Tensor]"
) -> "Panel":
    from markupsafe import Markup

    from handloom.reports.gallery import encoded
    from handloom.reports.panels import Panel, Tile, tiles

    made = [
        Tile(
            encoded(pixels[record["input"]]),
            f"{record['label']} · {100 * record['probability']:.0f} %",
            "good" if record["label"] == record["actual"] else "bad",
            record["probability"],
        )
        for record in records
    ]
    half = SHOWN // 2
    return Panel(
        "Classify",
        f"{100 * evaluation['accuracy']:.1f} %",
        f"of {evaluation['images']:,} digits that it never saw",
        "Handwritten digits. These are the ones it is least sure of; green is right.",
        TYPED,
        Markup("").join(tiles(row) for row in (made[:half], made[half:])),
    )
