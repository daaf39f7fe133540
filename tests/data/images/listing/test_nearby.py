"""Tables of the images of a folder are known by their headers."""

from pathlib import Path

import pytest
from PIL import Image

from handloom.data.images.listing.nearby import tables_of_images
from handloom.data.images.load import load
from handloom.errors import UserError


def test_tables_whose_header_names_images(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes('﻿"File Name";label\na.png;x\n'.encode())
    (tmp_path / "a.tsv").write_bytes(b"label\timage\nx\ta.png\n")
    (tmp_path / "prices.csv").write_bytes(b"name,price\na,3\n")
    (tmp_path / "c.txt").write_bytes(b"image,label\n")
    assert [path.name for path in tables_of_images(tmp_path)] == ["a.tsv", "b.csv"]
    assert tables_of_images(tmp_path / "none") == []


def test_a_folder_without_classes_names_its_table(tmp_path: Path) -> None:
    for name in "ab":
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    (tmp_path / "catalogue.csv").write_text("image,label\na.png,x\nb.png,y\n")
    with pytest.raises(UserError, match=r"image,label, such as '.*catalogue.csv'"):
        load(tmp_path)
