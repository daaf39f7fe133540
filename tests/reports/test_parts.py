"""Galleries are bounded, the confusion matrix opens its cells, intervals lie where they should."""

import re

import torch
from markupsafe import Markup

from handloom.reports.confusion import MOST_NAMED, confusion
from handloom.reports.gallery import Gallery, encoded
from handloom.reports.shares import UNFOLDED, bar, class_table, scale

NASTY = "<script>alert(1)</script>"


def test_a_gallery_ends_where_its_bytes_do() -> None:
    torch.manual_seed(0)
    gallery, image = Gallery(most_bytes=20_000), torch.randint(0, 255, (224, 224, 3)).byte()
    shown = [gallery.thumbnail(image, f"{NASTY} {number}") for number in range(8)]
    images = sum("data:image/jpeg" in html for html in shown)
    assert 1 <= images < 8
    assert sum(map(len, shown)) < 60_000
    assert NASTY not in "".join(shown)
    assert gallery.is_full


def test_small_images_keep_their_pixels() -> None:
    assert encoded(torch.zeros(8, 8, 1, dtype=torch.uint8))[:4] == b"\x89PNG"
    assert encoded(torch.zeros(224, 300, 1, dtype=torch.uint8))[:2] == b"\xff\xd8"


def test_cells_open_what_is_in_them() -> None:
    counts = {(0, 0): 5, (0, 1): 2, (1, 1): 3}
    html = confusion([NASTY, "b"], counts, {(0, 1): Markup("<i>images</i>")})
    assert NASTY not in html
    assert re.findall(r'href="#(cell-\d-\d)"', html) == ["cell-0-1"]
    assert 'id="cell-0-1"' in html
    assert "<i>images</i>" in html
    assert 'title="5 of class ' in html


def test_many_classes_are_drawn() -> None:
    classes = [f"class {number}" for number in range(MOST_NAMED + 1)]
    counts = {(number, number): 4 for number in range(len(classes))} | {(3, 7): 9}
    html = confusion(classes, counts, {(3, 7): Markup("images")})
    assert html.count("<rect") == len(counts)
    assert "9 of class &#39;class 3&#39;, predicted &#39;class 7&#39;" in html


def test_a_share_lies_between_the_ends_of_its_interval() -> None:
    html = scale(0.75, (0.6, 0.9), 0.1, "always 'a'")
    assert "left:60.00%;width:30.00%" in html
    assert "left:75.00%" in html
    assert "left:10.00%" in html
    assert "left:50.0%;width:25.0%" in bar(0.6, (0.5, 0.75))


def test_classes_come_by_recall_and_many_are_folded() -> None:
    entry = {"images": 4, "predicted": 4, "precision": 0.5, "f1": 0.5, "interval": [0.1, 0.9]}
    classes = {f"c{n}": entry | {"recall": 1 - n / 100} for n in range(UNFOLDED + 5)}
    html = class_table(classes, "images")
    names = re.findall(r"<td>(c\d+)</td>", html)
    assert names == [f"c{n}" for n in reversed(range(UNFOLDED + 5))]
    assert "<summary>5 more classes</summary>" in html
