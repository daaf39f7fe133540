"""Style transfer in the demo: a temple with the look of a flower, both from scikit-learn."""

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.reports.panels import Panel


def demo(folder: Path, display: "Display") -> "Panel":
    """Stylize a small temple into `folder`/stylized.png, without any download.

    The weights of VGG-19 are taken if they are on this machine, otherwise random filters.
    """
    from handloom.jobs.demonstration import typed
    from handloom.jobs.stylize import network as style_network
    from handloom.jobs.stylize.verbs import stylize

    photo, flower, petals = _samples(folder)
    known = [name for name in style_network.LEVELS if style_network.find(name) is not None]
    options: Options
    if known:  # the compressed one first: it is quick
        # At strength 0.5, or when half the size comes first, the temple takes the flower's shape.
        options = {"network": known[-1], "size": 224, "scales": 1, "iterations": 30}
        options["strength"] = 0.4
    else:
        # Random filters know no objects: of the whole flower they spill dark green and orange
        # over the sky. Its petals, large, and only light and dark of them, look like brush strokes.
        options = {"network": "random", "size": 200, "scales": 2, "iterations": 20}
        options |= {"colors": "luminance", "style_scale": 2.0}
    painting = flower if known else petals
    out, frames = folder / "stylized.png", folder / "stylized.gif"
    command = typed(f"stylize {photo} {painting} --out {out}", options)
    display.message(command, "cyan")
    run = stylize(photo, [painting], out, options, display, folder / "stylize", frames)
    if run.status()["status"] != "finished":
        raise KeyboardInterrupt
    display.message(f"a temple with the look of a flower: {out}")
    return _panel(photo, painting, out, style_network.TITLES[options["network"]], command)


def _panel(photo: Path, painting: Path, out: Path, network: str, command: str) -> "Panel":
    from markupsafe import Markup

    from handloom.reports.panels import Panel, captioned

    body = Markup('<div class="sum">{}<b>+</b>{}<b class="equals">=</b>{}</div>').format(
        captioned(photo.read_bytes(), "a photo"),
        captioned(painting.read_bytes(), "a style"),
        captioned(out.read_bytes(), "the photo in that style", "largest"),
    )
    return Panel(
        "Restyle",
        "2 images",
        "are all that it needs",
        "The pixels of the photo are optimised until their features have the style's statistics. "
        f"Features of {network}.",
        command,
        body,
    )


def example(folder: Path) -> tuple[str, Options]:
    """The data of the training that `handloom doctor` tries, and its further options."""
    photo, painting, _ = _samples(folder)
    return str(photo), {"paintings": (str(painting),), "out": str(folder / "stylized.png")}


def _samples(folder: Path) -> tuple[Path, Path, Path]:
    """The two photos that ship with scikit-learn, and the petals of the second.

    Found by file, since scikit-learn's import takes long.
    """
    from importlib.util import find_spec

    from handloom.data.images.photo import Opened, write

    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    images = Path(spec.origin).parent / "datasets" / "images"
    names = ("china", "flower", "petals")
    paths = tuple(folder / f"{name}.png" for name in names)
    for name, path in zip(names[:2], paths, strict=False):
        opened = Opened(images / f"{name}.jpg")
        shown = opened.at(*opened.sized(256))
        write(shown, path)
    write(shown[:, :, 51:215, 103:260], paths[2])
    return paths[0], paths[1], paths[2]
