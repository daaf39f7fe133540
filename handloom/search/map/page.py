"""A map as one offline page: thumbnails on a canvas, zoomed with the wheel or two fingers."""

from typing import Any

from markupsafe import Markup

from handloom.reports.page import Page, Section, image, render
from handloom.search.map.groups import By, MapGroups, groups, is_labelled
from handloom.search.map.image import drawn_map
from handloom.search.map.layout import ImageMap
from handloom.search.map.script import SCRIPT, STYLE
from handloom.search.map.tiles import TILE, Tiles, atlas, jpeg

STILL = 70  # quality of the JPEG that stands in for the canvas where scripts are off
HOW = {
    "tsne": "Places are by t-SNE: what is near belongs together, how far groups are apart means "
    "little.",
    "pca": "Places are the first two principal components.",
}


def map_page(made: ImageMap, tiles: Tiles, by: By, title: str, encoder: str) -> str:
    """The file as text. by: the colours that it begins with."""
    ways: dict[By, MapGroups] = {"cluster": groups(made, "cluster")}
    if is_labelled(made):
        ways["label"] = groups(made, "label")
    whole, across = atlas(tiles)
    data = {
        "x": [round(float(x), 4) for x in made.place[:, 0]],
        "y": [round(float(y), 4) for y in made.place[:, 1]],
        "id": [each.id for each in made.images],
        "name": [each.path.encode("utf-8", "backslashreplace").decode() for each in made.images],
        "by": {way: each._asdict() for way, each in ways.items()},
        "first": by,
        "tile": TILE,
        "across": across,
    }
    still = jpeg(drawn_map(made, ways[by], tiles), STILL)
    body = Markup(STYLE) + CANVAS.format(
        data=_escaped(data), atlas=image(jpeg(whole), ""), still=image(still, "the map"),
        script=Markup(SCRIPT),
    )  # fmt: skip
    shown = f"{len(made.images):,} of {made.of:,} images" if len(made.images) < made.of else (
        f"{made.of:,} images")  # fmt: skip
    lead = f"{shown}, by {encoder}. {HOW[made.method]}"
    help = (
        "Move it with the mouse or the arrow keys, zoom with the wheel, two fingers, + or -, point "
        "at an image for its name; a double click or 0 shows all again. Click on the name of a "
        "group to hide it."
    )
    section = Section("Map", help, body)
    return render(Page([lead], [section], title=title, job="map", made="Made by Handloom."))


CANVAS = Markup(
    '<div id="map-by"></div><div id="map-legend"></div>'
    '<canvas id="map-canvas" tabindex="0" role="img" '
    'aria-label="images, those that are alike beside each other"></canvas>'
    '<p id="map-note" class="quiet"></p>'
    '<details id="map-names" hidden><summary>Names of the images in view</summary>'
    '<select id="map-list" size="8" aria-label="images in view"></select></details>'
    '<div hidden id="map-source">{atlas}</div><noscript>{still}</noscript>'
    '<script type="application/json" id="map-data">{data}</script><script>{script}</script>'
)


def _escaped(data: dict[str, Any]) -> Markup:
    """JSON that cannot close the element around it."""
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, separators=(",", ":"))
