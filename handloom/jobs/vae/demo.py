"""Draw: a variational autoencoder learns the digits in some seconds, and draws new ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

OPTIONS: dict[str, Any] = dict(network="dense", latent=2, epochs=60)
ACROSS = 5  # images of the manifold in a row of the terminal


def demo(folder: Path, console: "Console") -> None:
    """Train into folder/vae, save samples and the manifold, and draw that in characters."""
    import handloom
    from handloom.data.images.grid import grid, png
    from handloom.display import art, beside
    from handloom.runs.files import write_whole

    path = folder / "vae"
    typed = " ".join(f"--{name} {value}" for name, value in OPTIONS.items())
    console.print(f"handloom train vae digits {typed} --out {path}", style="cyan", soft_wrap=True)
    run = handloom.train("vae", "digits", out=path, quiet=True, **OPTIONS)
    assert isinstance(run, handloom.DrawingRun)
    found = run.evaluation
    assert found is not None
    console.print(run.sentence(found), highlight=False, soft_wrap=True)
    write_whole(folder / "samples.png", png(grid(run.sample(64))))
    write_whole(folder / "manifold.png", png(grid(run.manifold(15), 15, gap=1)))
    console.print("What its two latents mean, one to the right and one upwards:", highlight=False)
    for row in run.manifold(ACROSS).split(ACROSS):
        console.print(beside([art(pixels) for pixels in row], 1), highlight=False, soft_wrap=True)
    console.print(
        f"samples: {folder / 'samples.png'}, more of this: {folder / 'manifold.png'}",
        highlight=False,
        soft_wrap=True,
    )
