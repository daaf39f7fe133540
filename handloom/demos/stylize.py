"""Style transfer in the demo: a temple painted like a flower, both from scikit-learn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def demo(folder: Path, console: "Console") -> None:
    """Paint a small temple into `folder`/painted.png, without any download.

    The weights of VGG-19 are taken if they are on this machine, otherwise random filters paint,
    and the run says so.
    """
    from handloom.recipes import style_network
    from handloom.stylizing import stylize

    photo, painting = _samples(folder)
    known = [name for name in style_network.LEVELS if style_network.find(name) is not None]
    options: dict[str, Any] = {
        "network": known[-1] if known else "random",  # the compressed one first: it is quick
        "size": 112,
        "scales": 2,
        "iterations": 20,
    }
    if known:
        options["style_weight"] = 8.0  # at the default of 30 a picture this small becomes a flower
    out, frames = folder / "painted.png", folder / "painted.gif"
    stylize(photo, [painting], out, options, console, folder / "stylize", frames)
    console.print(f"a temple painted like a flower: {out}", highlight=False)


def _samples(folder: Path) -> tuple[Path, Path]:
    """The two photos that ship with scikit-learn; found by file, since its import takes long."""
    from importlib.util import find_spec

    from handloom.data.painting import Opened, write

    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    images = Path(spec.origin).parent / "datasets" / "images"
    found = []
    for name in ("china", "flower"):
        opened = Opened(images / f"{name}.jpg")
        write(opened.at(*opened.sized(256)), folder / f"{name}.png")
        found.append(folder / f"{name}.png")
    return found[0], found[1]
