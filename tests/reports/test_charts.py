"""Charts: every point is inside, ticks are round, nothing that is not finite breaks them."""

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handloom.reports.charts import HEIGHT, WIDTH, Axis, Series, beside, chart, ticks
from handloom.reports.curves import panels

finite = st.floats(-1e12, 1e12, allow_nan=False)


def parsed(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<body>{html}</body>")


@given(st.lists(st.tuples(finite, finite | st.just(math.nan) | st.just(math.inf)), max_size=8),
       st.booleans())  # fmt: skip
@example([(0.0, 0.0), (0.0, 5e-324)], False)
@example([(0.0, 5e-324)], True)
@example([(5e-324, 1e-308), (0.0, 5e-324)], True)
def test_whatever_was_recorded_gives_a_chart_with_all_points_inside(
    points: list[tuple[float, float]], is_log: bool
) -> None:
    html = chart("title", [Series("line", points)], Axis("x"), Axis("y", is_log=is_log))
    body = parsed(html)
    kept = [p for p in points if math.isfinite(p[1]) and (p[1] > 0 or not is_log)]
    dots = body.findall(".//circle")
    assert len(dots) == len(kept)
    for dot in dots:
        assert -1 <= float(dot.attrib["cx"]) <= WIDTH + 1
        assert -1 <= float(dot.attrib["cy"]) <= HEIGHT + 1
    assert ("Nothing was recorded" in html) == (not kept)


def test_names_are_never_markup() -> None:
    nasty = "<script>alert(1)</script>"
    line = Series(nasty, [(0, 0), (1, 1)])
    html = chart(nasty, [line], Axis(nasty), Axis("y"), has_diagonal=True)
    assert "<script>" not in html
    parsed(html)


def test_a_point_says_its_line_and_its_numbers() -> None:
    for label, wanted in (("", "1, 0.25"), ("loss", "loss: 1, 0.25")):
        html = chart("title", [Series(label, [(1, 0.25)])], Axis("x"), Axis("y"))
        assert parsed(html).findtext(".//circle/title") == wanted


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (1, 6, [1, 2, 3, 4, 5, 6]), (0, 40, [0, 10, 20, 30, 40])],
)
def test_ticks_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)


def test_epochs_have_whole_ticks_and_shares_are_percentages() -> None:
    lines = [{"epoch": n, "train/accuracy": 0.5 + n / 10} for n in (1, 2, 3)]
    html = panels(lines, [("Accuracy", {"train/accuracy": "training"}), ("None", {"x": "y"})])
    labels = re.findall(r'text-anchor="middle">([^<]*)<', html)
    assert labels == ["1", "2", "3", "epoch"]
    assert "60 %" in html
    assert html.count("<figure>") == 1
    assert "No metrics" in panels([], [("Loss", {"train/loss": "training"})])


def test_whiskers_follow_their_points() -> None:
    line = Series("", [(0.5, 0.7), (0.9, math.nan)], [(0.2, 1.0), (0.0, 0.1)])
    html = beside([chart("t", [line], Axis("x", 0, 1), Axis("y", 0, 1))])
    assert html.count("whisker") == 1
