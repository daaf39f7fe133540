"""Draw: a variational autoencoder learns the digits in some seconds, and draws new ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.display.console import Display

OPTIONS: dict[str, Any] = dict(network="dense", latent=2, epochs=60)
ACROSS = 5  # images of the manifold in a row of the terminal


def demo(folder: Path, display: "Display") -> None:
    """Train into folder/vae, save samples and the manifold, and draw that in characters."""
    from handloom.data.images.grid import grid, png
    from handloom.display.console import Display
    from handloom.display.images import art, beside
    from handloom.jobs.generation.run import GenerativeRun
    from handloom.jobs.training import train
    from handloom.runs.files import write_whole

    path = folder / "vae"
    typed = " ".join(f"--{name} {value}" for name, value in OPTIONS.items())
    display.message(f"handloom train vae digits {typed} --out {path}", "cyan")
    quiet = Display(quiet=True)
    run = GenerativeRun(train("vae", "digits", OPTIONS, quiet, path).path)
    found = run.evaluation
    assert found is not None
    display.message(run.describe(found))
    write_whole(folder / "samples.png", png(grid(run.sample(64))))
    write_whole(folder / "manifold.png", png(grid(run.manifold(15), 15, gap=1)))
    display.message("What its two latents mean, one to the right and one upwards:")
    for row in run.manifold(ACROSS).split(ACROSS):
        display.message(beside([art(pixels) for pixels in row], 1))
    display.message(
        f"samples: {folder / 'samples.png'}, more of this: {folder / 'manifold.png'}",
    )
