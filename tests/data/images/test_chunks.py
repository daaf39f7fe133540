"""Files decoded in threads come in order, in whole batches, the broken ones named."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.chunks import whole_batches
from handloom.data.images.decode import Treatment

SMALL = Treatment.of({"size": [4, 4], "channels": 1, "fit": "stretch", "background": "white"})


def written(folder: Path, count: int, broken: set[int]) -> list[Path]:
    """Images of one value each, which is their number."""
    paths = [folder / f"{number:03}.png" for number in range(count)]
    for number, path in enumerate(paths):
        if number in broken:
            path.write_bytes(b"no image")
        else:
            Image.fromarray(np.full((4, 4), number, np.uint8)).save(path)
    return paths


@pytest.mark.parametrize("batch", [1, 7, 50, 200])
def test_portions_fill_batches_and_keep_the_order(batch: int, tmp_path: Path) -> None:
    broken = {0, 5, 40, 99}
    paths = written(tmp_path, 100, broken)
    portions = list(whole_batches(paths, SMALL, batch))
    assert all(len(portion.images) % batch == 0 for portion in portions[:-1])
    assert [row for portion in portions for row in portion.rows] == [
        number for number in range(100) if number not in broken
    ]
    for portion in portions:
        assert portion.images[:, 0, 0, 0].tolist() == portion.rows
    assert {row for portion in portions for row, _ in portion.broken} == broken
    assert portions[-1].done == 100
    assert [portion.done for portion in portions] == sorted(portion.done for portion in portions)


def test_broken_files_alone(tmp_path: Path) -> None:
    (portion,) = whole_batches(written(tmp_path, 3, {0, 1, 2}), SMALL, 8)
    assert (len(portion.images), portion.rows, len(portion.broken)) == (0, [], 3)


def test_no_files() -> None:
    assert list(whole_batches([], SMALL, 8)) == []
