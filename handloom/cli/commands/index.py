"""An index of images: made, and brought up to date."""

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.cli.commands.search import DEVICE, collection_flag
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.wording import join_and, pluralize

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.search.index import Index
    from handloom.search.refresh import Refreshed

MOST_BROKEN = 10  # named; --json has them all


def index(argv: list[str]) -> int:
    """`handloom index DATA`."""
    from handloom.cli.parser import parse
    from handloom.jobs.images.data import reading_of

    given = parse(
        _flags(), argv, "handloom index", "Make an index of images, or bring it up to date."
    )
    from handloom.api import vectorizers, wanted_encoder
    from handloom.display.pace import paced
    from handloom.search.opening import update

    screen, data = progress(), Path(given["data"]).expanduser()
    wanted = wanted_encoder(
        given["encoder"], given["weights"], vectorizers(given["device"], screen.note)
    )
    with paced(screen, "images") as report:
        made, refreshed, notes = update(
            data,
            given["store"],
            wanted,
            given["rebuild"],
            reading_of(given),
            report,
            given["collection"],
            given["text_column"],
        )
    with made:
        for note in (*notes, *_quicker(refreshed)):
            screen.note(note)
        _show_broken(refreshed, given["strict"])
        _show_refreshed(made, refreshed, given["json"])
    return 0


def _flags() -> "list[Flag]":
    from handloom.cli.parser import config_flags, flag, positional
    from handloom.jobs.images.data import ImageReadingOptions

    return [
        positional("data", str, "a folder or a table of images, or a file of texts"),
        flag("encoder", str | None, "pixels, timm:NAME, torchvision:NAME, clip:NAME, or a run"),
        flag(
            "weights", Path | None, "file with the network's weights; by default the published ones"
        ),
        flag("store", str | None, "folder of the index (DATA.index), or a server's address"),
        collection_flag(),
        flag("text_column", str | None, "index the texts of a table, by this column"),
        flag("rebuild", bool, "embed all images again, as another encoder needs", False),
        *config_flags(ImageReadingOptions),
        flag("device", str, DEVICE, "auto"),
        json_flag(),
    ]


def _quicker(refreshed: "Refreshed") -> list[str]:
    """What would make searches quicker, where a network embedded what is in the index."""
    from handloom.extras import EXTRAS
    from handloom.search.vectors import PIXELS

    missing = EXTRAS["export"].missing
    if not (missing and refreshed.embedded and refreshed.encoder.spec != PIXELS):
        return []
    return [f"a search by a new image or by words loads torch, which takes some seconds; after "
            f"'pip install {' '.join(missing)}' the second one takes one"]  # fmt: skip


def _show_broken(refreshed: "Refreshed", is_strict: bool) -> None:
    screen = progress()
    for path, reason in refreshed.broken[:MOST_BROKEN]:
        screen.message(f"left out: {path} ({reason})", "red")
    if refreshed.broken:
        what = "broken image" if refreshed.kind == "images" else "text"
        screen.message(f"{pluralize(len(refreshed.broken), what)} left out", "red")
    if refreshed.broken and is_strict:
        path, reason = refreshed.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")


def _show_refreshed(made: "Index", refreshed: "Refreshed", as_json: bool) -> None:
    what = "image" if refreshed.kind == "images" else "text"
    counts = {
        f"{what}s": len(made), "embedded": refreshed.embedded, "renamed": refreshed.renamed,
        "removed": refreshed.removed, "unchanged": refreshed.unchanged,
    }  # fmt: skip
    if as_json:
        broken = [{"path": path, "error": reason} for path, reason in refreshed.broken]
        print_json([{"index": made.store.name, "encoder": refreshed.encoder.spec, **counts,
                     "broken": broken}])  # fmt: skip
        return
    done = join_and([f"{count:,} {name}" for name, count in counts.items()
                     if count and name != f"{what}s"])  # fmt: skip
    images = pluralize(len(made), what)
    results().message(f"{made.store.name}: {images} by {refreshed.encoder.spec}; {done}")
