"""Demo: a variational autoencoder learns the digits in seconds and generates new ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.display.console import Display

OPTIONS: dict[str, Any] = dict(network="dense", latent_dim=2, epochs=60)
ACROSS = 5  # images in a row of the manifold on the terminal


def demo(folder: Path, display: "Display") -> None:
    """Train into folder/vae, save samples and the manifold, and show the manifold as text."""
    from handloom.data.images.grid import grid, png
    from handloom.display.console import Display
    from handloom.display.images import art, beside
    from handloom.jobs.generation.run import GenerativeRun
    from handloom.jobs.training import train
    from handloom.runs.files import write_whole

    path = folder / "vae"
    typed = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in OPTIONS.items())
    display.message(f"handloom train vae digits {typed} --out {path}", "cyan")
    quiet = Display(quiet=True)
    run = GenerativeRun(train("vae", "digits", OPTIONS, quiet, path).path)
    evaluation = run.evaluation
    assert evaluation is not None
    display.message(run.describe(evaluation))
    write_whole(folder / "samples.png", png(grid(run.sample(64))))
    write_whole(folder / "manifold.png", png(grid(run.manifold(15), 15, gap=1)))
    display.message("The manifold: one latent dimension grows to the right, the other upwards:")
    for row in run.manifold(ACROSS).split(ACROSS):
        display.message(beside([art(pixels) for pixels in row], 1))
    display.message(
        f"samples: {folder / 'samples.png'}, manifold: {folder / 'manifold.png'}",
    )
