"""All images of an index on a map."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handloom.cli.commands.outputs import check_out
from handloom.cli.commands.search import collection_flag
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.runs.files import write_whole
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.search.index import Index
    from handloom.search.map.layout import ImageMap

PAGE = ".html"


def map(argv: list[str]) -> int:
    """`handloom map INDEX`."""
    from handloom.cli.parser import parse

    given = parse(
        _flags(), argv, "handloom map", "Draw a map of all images, similar ones close together."
    )
    check_out(given["out"], PAGE, ".png", ".jpg", ".jpeg", ".webp")
    from handloom.api import vectorizers
    from handloom.search.opening import open_index

    with open_index(given["index"], vectorizers(), given["collection"]) as opened:
        _draw(opened, given)
    return 0


def _draw(opened: "Index", given: dict[str, Any]) -> None:
    from handloom.search.map.groups import is_labelled
    from handloom.search.map.layout import image_map

    with progress().status("placing images"):
        made = image_map(opened, given["images"], given["method"])
    if given["color"] == "label" and not is_labelled(made):
        raise UserError(
            f"--color label: the images of '{opened.store.name}' do not have two labels: use "
            "--color cluster"
        )
    out = given["out"] or Path(f"{opened.store.title}.map{PAGE}")
    by = given["color"] or ("label" if is_labelled(made) else "cluster")
    with progress().status("drawing"):
        write_whole(out, _content(opened, made, out, by))
    if given["json"]:
        print_json(_records(made))
    else:
        clusters = pluralize(int(made.cluster.max()) + 1, "cluster")
        images = pluralize(len(made.images), "image")
        results().message(f"{out}: {images} in {clusters}, coloured by {by}")


def _flags() -> "list[Flag]":
    from handloom.cli.parser import flag, positional

    return [
        positional("index", str, "an index, the images that it is of, or a Milvus server"),
        collection_flag(),
        flag("out", Path | None, "a page (.html; by default INDEX.map.html), or .png, .jpg, .webp"),
        flag("color", Literal["label", "cluster"] | None, "by default label, if there are labels"),
        flag("method", Literal["tsne", "pca"], "how images are placed", "tsne"),
        flag("images", int, "show at most this many images", 2_000),
        json_flag(),
    ]


def _content(opened: "Index", made: "ImageMap", out: Path, by: Any) -> bytes:
    from handloom.search.map.groups import groups
    from handloom.search.map.tiles import tiles

    thumbnails = tiles([opened.root / image.path for image in made.images])
    if out.suffix.lower() == PAGE:
        from handloom.search.map.page import map_page

        record = opened.store.encoder()
        assert record is not None
        page = map_page(made, thumbnails, by, opened.store.title, record.spec)
        return page.encode("utf-8", "backslashreplace")
    from handloom.search.map.image import drawn_map
    from handloom.search.sheet import encoded

    return encoded(drawn_map(made, groups(made, by), thumbnails), out.suffix)


def _records(made: "ImageMap") -> list[dict[str, Any]]:
    rows = zip(made.images, made.place.tolist(), made.cluster.tolist(), strict=True)
    return [
        {"id": image.id, "path": image.path, "x": round(x, 4), "y": round(y, 4),
         "cluster": cluster + 1} | ({} if image.label is None else {"label": image.label})
        for image, (x, y), cluster in rows
    ]  # fmt: skip
