"""What is in images with captions, as a person reads it."""

from collections.abc import Sequence
from typing import Any

from handloom.display.console import Display, one_line
from handloom.wording import pluralize

MOST = 5  # of each list


def show_captions(display: Display, contents: dict[str, Any]) -> None:
    """Sizes in a sentence, some pairs, then what is not a pair, what is shared, and notes."""
    splits = ", ".join(f"{s['pairs']:,} {name}" for name, s in contents["splits"].items())
    words = contents["words"]
    display.message(
        f"{contents['name']}: images with a caption, {splits}; "
        f"{pluralize(contents['captions'], 'caption')}, {contents['different']:,} different; "
        f"{words['min']:,} to {words['max']:,} words in a caption, "
        f"{words['median']:g} in the median"
    )
    for pair in contents["pairs"][:MOST]:
        display.message(one_line(f"{pair['name']}: {' | '.join(pair['captions'])}"))
    for note in contents["notes"]:
        display.message(one_line(note), "yellow")
    without = contents["without_caption"]
    _listed(display, f"without a caption: {pluralize(len(without), 'image')}", without)
    lines = [f"{each['name']} ({each['reason']})" for each in contents["without_image"]]
    _listed(display, f"captions without an image: {pluralize(len(lines), 'name')}", lines)
    lines = [f"{each['path']} ({each['reason']})" for each in contents["broken"]]
    _listed(display, f"broken: {pluralize(len(lines), 'file')}", lines)
    shared = [f"'{each['caption']}' of {each['images']:,}" for each in contents["shared"]]
    _listed(display, "captions of several images", shared, "yellow")


def _listed(display: Display, heading: str, lines: Sequence[str], style: str = "red") -> None:
    if not lines:
        return
    more = f"; and {len(lines) - MOST:,} more" if len(lines) > MOST else ""
    display.message(one_line(f"{heading}: {'; '.join(lines[:MOST])}{more}"), style)
