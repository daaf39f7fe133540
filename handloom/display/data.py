"""What is in data, as a person reads it."""

from pathlib import Path
from typing import Any

from handloom.display.console import Display, one_line
from handloom.display.lines import show_lines
from handloom.wording import pluralize

MOST_CHARACTERS = 120  # of an alphabet


def show_data(display: Display, contents: dict[str, Any], out: Path | None) -> None:
    """What a set holds: sizes and formats in a sentence, then its classes, then what is wrong."""
    height, width = contents["size"]
    splits = ", ".join(f"{s['images']:,} {name}" for name, s in contents["splits"].items())
    colours = "grey" if contents["channels"] == 1 else "colour"
    stored = contents["stored"]
    seen = f"a network trained from scratch sees {width}x{height} {colours}"
    display.message(f"{contents['name']}: {splits}; {seen}")
    if stored:
        sides = (_span(stored[side]) for side in ("width", "height"))
        kinds = ", ".join(
            f"{n:,} {kind}" for kind, n in {**stored["formats"], **stored["modes"]}.items()
        )
        display.message(f"stored: {' x '.join(sides)} pixels; {kinds}")
    if contents["classes"]:
        show_class_counts(display, contents)
    for note in contents["notes"]:
        display.message(one_line(note), "yellow")
    for broken in contents["broken"][:10]:
        display.message(one_line(f"broken: {broken['path']} ({broken['reason']})"), "red")
    if len(contents["broken"]) > 10:
        more = f"{len(contents['broken']) - 10:,} more broken"
        display.message(f"... and {more}: --json has them all")
    equal = [set(group) for group in contents["equal"]]
    for group in contents["duplicates"][:5]:
        what = "equal" if set(group) in equal else "nearly the same"
        display.message(one_line(f"{what}: {', '.join(group[:4])}"))
    if len(contents["duplicates"]) > 5:
        more = pluralize(len(contents["duplicates"]) - 5, "more group")
        display.message(f"... and {more}: --json has them all")
    if out is not None:
        display.message(f"contact sheet: {out}")


def show_texts(display: Display, contents: dict[str, Any]) -> None:
    """What labelled texts hold: splits and lengths in a sentence, then classes, then notes."""
    splits = ", ".join(f"{s['texts']:,} {name}" for name, s in contents["splits"].items())
    words = contents["words"]
    display.message(
        f"{contents['name']}: labelled texts, {splits}; {words['min']:,} to {words['max']:,} words "
        f"in a text, {words['median']:g} in the median"
    )
    show_class_counts(display, contents)
    for note in contents["notes"]:
        display.message(note, "yellow")


def show_corpus(display: Display, contents: dict[str, Any]) -> None:
    """What running text holds: how much, of which characters, and how it begins."""
    alphabet = contents["alphabet"]
    display.message(
        f"{contents['name']}: running text, {contents['characters']:,} characters in "
        f"{pluralize(contents['lines'], 'line')}, {len(alphabet):,} different, "
        f"{contents['rare']:,} of them less than 5 times"
    )
    shown = "".join(alphabet[:MOST_CHARACTERS].split())
    more = " …" if len(alphabet) > MOST_CHARACTERS else ""
    display.message(f"characters: {shown}{more}")
    display.message(f"it begins: {' '.join(contents['beginning'].split())}")
    for note in contents["notes"]:
        display.message(note, "yellow")


def _span(pixels: dict[str, float]) -> str:
    least, most = pixels["min"], pixels["max"]
    return f"{least:g}" if least == most else f"{least:g}-{most:g}"


def show_class_counts(display: Display, contents: dict[str, Any]) -> None:
    """How many of every class are in every split."""
    splits: dict[str, dict[str, Any]] = contents["splits"]
    rows = [
        [name, *(f"{split['classes'].get(name, 0):,}" for split in splits.values())]
        for name in contents["classes"]
    ]
    show_lines(display, ["class", *splits], rows, list(splits))
