"""What the search of the demo shows on its page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from handloom.reports.panels import Panel, Tile, tiles

if TYPE_CHECKING:
    from handloom.search.index import Index

NEIGHBOURS = 5


class Searched(NamedTuple):
    """An encoder by its name, its index, and the share of neighbours that are the same digit."""

    name: str
    opened: "Index"
    share: float


def panel(
    queries: Sequence[Path],
    labels: Sequence[str],
    encoders: Sequence[Searched],
    nearest: int,
    command: str,
) -> Panel:
    """Every query and its neighbours, by each encoder. nearest: how many the shares count; command:
    what makes the index of the last encoder."""
    groups = [
        Markup('<div class="group">{}</div>').format(
            Markup("").join(_row(each, query, label) for each in encoders)
        )
        for query, label in zip(queries, labels, strict=True)
    ]
    before, after = encoders[0], encoders[-1]
    return Panel(
        "Search",
        f"{100 * before.share:.1f} → {100 * after.share:.1f} %",
        f"of the {nearest} nearest are the same digit",
        "The digits most like a new one, by pixels and by the network of the first panel: for the "
        "two that are hardest for pixels.",
        command,
        Markup("").join(groups),
    )


def _row(each: Searched, query: Path, label: str) -> Markup:
    asked = Tile(query.read_bytes(), f"a {label}", "query")
    return tiles([asked, *_neighbours(each, query, label)], f"by {each.name}")


def _neighbours(each: Searched, query: Path, label: str) -> list[Tile]:
    return [
        Tile(Path(result.path).read_bytes(), str(result.label),
             "good" if result.label == label else "bad")
        for result in each.opened.search(query, NEIGHBOURS).results
    ]  # fmt: skip
