"""Demo: a variational autoencoder learns the digits in seconds and generates new ones."""

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.reports.panels import Panel

OPTIONS: Options = dict(network="dense", latent_dim=2, epochs=60)
PAPER, INK = (244.0, 241.0, 234.0), (36.0, 95.0, 143.0)  # red, green and blue, to 255
ACROSS, FINE = 5, 15  # images in a row of the manifold on the terminal, and in its file


def demo(folder: Path, display: "Display") -> "Panel":
    """Train into folder/vae, save samples and the manifold, and show the manifold as text."""
    from handloom.data.images.drawing.grid import grid, png
    from handloom.display.images import art, beside
    from handloom.jobs.demonstration import demonstrated
    from handloom.jobs.generation.run import GenerativeRun
    from handloom.runs.files import write_whole

    run = GenerativeRun(demonstrated("vae", "digits", OPTIONS, display, folder / "vae"))
    evaluation = run.evaluation
    assert evaluation is not None
    display.message(run.describe(evaluation))
    write_whole(folder / "samples.png", png(grid(run.sample(64))))
    manifold = run.manifold(FINE)
    write_whole(folder / "manifold.png", png(grid(manifold, FINE, gap=1)))
    display.message("The manifold: one latent dimension grows to the right, the other upwards:")
    for row in run.manifold(ACROSS).split(ACROSS):
        display.message(beside([art(pixels) for pixels in row], 1))
    display.message(
        f"samples: {folder / 'samples.png'}, manifold: {folder / 'manifold.png'}",
    )
    return _panel(manifold)


def _panel(manifold: "Tensor") -> "Panel":
    from handloom.data.images.drawing.grid import grid, png
    from handloom.jobs.demonstration import typed
    from handloom.reports.panels import Panel, captioned

    content = png(grid(_inked(manifold), FINE, smallest=1, gap=0))
    return Panel(
        "Generate",
        "2 numbers",
        "are all that a digit is made from",
        "A variational autoencoder. Each place on this map of its two latent dimensions is a digit "
        "that it generates.",
        typed("train vae digits", OPTIONS),
        captioned(content, "from one digit to another, without a gap", "map"),
    )


def _inked(pixels: "Tensor") -> "Tensor":
    """Grey images uint8 (N, H, W, 1), enlarged smoothly, as ink on paper: (N, 4 H, 4 W, 3)."""
    import torch
    from torch.nn.functional import interpolate

    ink = pixels.permute(0, 3, 1, 2).float() / 255  # (N, 1, H, W)
    ink = interpolate(ink, scale_factor=4, mode="bicubic").clamp(0, 1).permute(0, 2, 3, 1)
    color = torch.lerp(torch.tensor(PAPER), torch.tensor(INK), ink)
    return color.round().to(torch.uint8)
