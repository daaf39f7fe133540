"""Distorted views: other pixels of the same image, and the same ones every time."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.comparison.views import distorted, write_views


def test_a_view_is_a_part_of_the_image_and_depends_on_its_seed(shapes: Path) -> None:
    image = Image.open(shapes / "red" / "0.png").convert("RGB").resize((80, 64))
    views = [distorted(image.copy(), seed) for seed in (1, 1, 2)]
    assert all(view.width <= 80 and view.height <= 64 for view in views)
    areas = [view.width * view.height / (80 * 64) for view in views]
    assert all(0.45 < area <= 0.95 for area in areas)
    assert views[0].tobytes() == views[1].tobytes() != views[2].tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (900, 3)])
def test_views_of_odd_sizes(size: tuple[int, int]) -> None:
    for seed in range(8):
        view = distorted(Image.new("RGB", size, "red"), seed)
        assert min(view.size) >= 1


def test_views_are_files_without_those_of_broken_images(shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    paths = [shapes / "red" / "0.png", tmp_path / "broken.png", shapes / "blue" / "1.png"]
    rows, files = write_views(paths, ["0" * 32, "1" * 32, "2" * 32], [0, 1, 2], tmp_path)
    assert rows == [0, 2]
    assert [np.asarray(Image.open(file)).ndim for file in files] == [3, 3]
