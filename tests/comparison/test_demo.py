"""Search in the demo, with the classifier that the demo trains before."""

import io
import shutil
from pathlib import Path

from PIL import Image

from handloom.comparison import demo
from handloom.display.console import Display


def test_a_network_finds_better_neighbours_than_pixels(digits_run: Path, tmp_path: Path) -> None:
    shutil.copytree(digits_run, tmp_path / "digits")
    shown = io.StringIO()
    panel = demo.demo(tmp_path, Display(file=shown, width=120))
    assert panel is not None
    assert panel.body.count('class="row"') == 2 * demo.ON_PAGE
    assert panel.body.count('class="tile query"') == 2 * demo.ON_PAGE
    text = shown.getvalue()
    shares = [float(part.rsplit(" ", 1)[1]) for part in text.split(" % by ")[:2]]
    assert shares[0] < shares[1]
    assert panel.command in text  # the page names what was run
    assert sum(set(line) <= set(" ░▒▓█") for line in text.splitlines()) >= 16
    with Image.open(tmp_path / "search.png") as image:
        assert image.width > 1_000


def test_without_a_network_nothing_is_shown(tmp_path: Path) -> None:
    shown = io.StringIO()
    assert demo.demo(tmp_path, Display(file=shown)) is None
    assert not shown.getvalue()
