"""A map of a collection: alike images lie together, as a page and as an image."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.errors import UserError
from handloom.search.index import Index
from handloom.search.map.groups import COLOURS, groups, is_labelled
from handloom.search.map.layout import Method, image_map
from handloom.search.map.page import map_page
from handloom.search.map.tiles import MISSING, TILE, atlas, tiles
from handloom.search.refresh import Refreshed

Run = Callable[..., tuple[Index, Refreshed]]


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_images_of_a_class_lie_together(refreshed: Run, method: Method) -> None:
    index, _ = refreshed()
    made = image_map(index, 100, method)
    assert made.place.shape == (24, 2)
    assert np.abs(made.place).max() == pytest.approx(1)
    labels = np.array([image.label for image in made.images])
    squares = ((made.place[:, None] - made.place[None]) ** 2).sum(2)
    np.fill_diagonal(squares, np.inf)
    assert (labels[squares.argmin(axis=1)] == labels).mean() > 0.9
    again = image_map(index, 100, method)
    assert np.array_equal(made.place, again.place)
    assert np.array_equal(made.cluster, again.cluster)


def test_clusters_are_those_of_the_images(refreshed: Run) -> None:
    made = image_map(refreshed()[0], 100, "pca")
    sizes = np.bincount(made.cluster)
    assert len(sizes) > 1
    assert sizes.tolist() == sorted(sizes, reverse=True)
    by_cluster, by_label = groups(made, "cluster"), groups(made, "label")
    assert by_cluster.names[0].startswith(f"1: {sizes[0]}, ")
    assert by_label.names == ["blue", "green", "red"]
    assert by_label.colours == list(COLOURS[:3])
    assert [by_label.names[number] for number in by_label.number] == [
        image.label for image in made.images
    ]


def test_a_part_of_the_collection(refreshed: Run) -> None:
    made = image_map(refreshed()[0], 9, "tsne")
    assert (len(made.images), made.of) == (9, 24)
    assert {image.label for image in made.images} == {"blue", "green", "red"}
    assert is_labelled(made)
    with pytest.raises(UserError, match="--images 3: must be 5 or more"):
        image_map(refreshed()[0], 3, "tsne")


def test_texts_have_no_map(refreshed: Run) -> None:
    index, _ = refreshed()
    index.store.set("kind", "texts")
    with pytest.raises(UserError, match="is an index of texts: a map is one of images"):
        image_map(index, 100, "tsne")


def test_tiles_and_their_atlas(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    made = tiles([photos / "red" / "0.png", tmp_path / "broken.png", tmp_path / "none.png"])
    assert made.shape == (3, TILE, TILE, 3)
    assert (made[1:] == MISSING).all()
    assert made[0, ..., 0].mean() > 150
    whole, across = atlas(made)
    assert (whole.size, across) == ((2 * TILE, 2 * TILE), 2)
    assert np.array_equal(np.asarray(whole)[TILE:, :TILE], made[2])


def test_a_page_holds_everything_and_takes_names_as_data(refreshed: Run, photos: Path) -> None:
    made = image_map(refreshed()[0], 100, "pca")
    hostile = made.images[0]._replace(label="</script><b>")
    made = made._replace(images=[hostile, *made.images[1:]])
    page = map_page(made, tiles([photos / each.path for each in made.images]), "label", "a", "b")
    assert "</script><b>" not in page
    data = re.search(r'id="map-data">(.*?)</script>', page)
    assert data is not None
    read = json.loads(data.group(1))
    assert len(read["x"]) == len(read["name"]) == len(read["by"]["label"]["number"]) == 24
    assert "</script><b>" in read["by"]["label"]["names"]
    assert "http" not in page.replace("http-equiv", "")


def test_the_verb(
    refreshed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    refreshed()
    monkeypatch.chdir(photos.parent)
    assert main(["map", "photos", "--method", "pca"]) == 0
    assert "photos.map.html: 24 images in" in capsys.readouterr().out
    assert "map-canvas" in (photos.parent / "photos.map.html").read_text(encoding="utf-8")
    assert main(["index", "photos", "--encoder", "pixels", "--store", "others.index"]) == 0
    assert main(["map", "others.index", "--method", "pca"]) == 0  # does not replace the first
    assert "others.map.html: 24 images in" in capsys.readouterr().out
    typed = ["map", "photos", "--method", "pca", "--color", "cluster", "--out", "m.png", "--json"]
    assert main(typed) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert {"id", "path", "x", "y", "cluster", "label"} == set(first)
    with Image.open(photos.parent / "m.png") as image:
        assert image.width > 1_500
    assert main(["map", "photos", "--out", "m.txt"]) == 2
    assert "give a name that ends in .html, .png" in capsys.readouterr().err


def test_images_that_are_all_alike_and_few(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "grey"
    folder.mkdir()
    for number in range(6):
        Image.new("RGB", (20, 20), (100 + number,) * 3).save(folder / f"{number}.png")
    store = str(tmp_path / "grey.index")
    assert main(["index", str(folder), "--encoder", "pixels", "--store", store]) == 0
    out = str(tmp_path / "grey.png")
    assert main(["map", store, "--out", out]) == 0
    assert main(["map", store, "--color", "label", "--out", out]) == 2
    assert "do not have two labels: use --color cluster" in capsys.readouterr().err
    for number in range(3):
        (folder / f"{number}.png").unlink()
    assert main(["index", str(folder), "--store", store]) == 0
    assert main(["map", store, "--out", out]) == 2
    assert "has 3 different images: a map needs 5" in capsys.readouterr().err
