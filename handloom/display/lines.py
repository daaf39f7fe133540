"""Tables of lines: of what a person copies, as names of files, nothing is cut or broken."""

from collections.abc import Collection, Mapping, Sequence

from rich.cells import cell_len

from handloom.display.console import Display, one_line, printable

PIPED = 240  # columns of what is not a terminal: a longer first cell, as a text, is not padded to


def show_lines(
    display: Display,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Collection[str] = (),
    styles: Mapping[int, str] = {},
    below: Mapping[int, Sequence[str]] = {},
) -> None:
    """A line a row under a line of headings. Where they are too wide for the terminal, the first
    cell of each has a line of its own, and the rest stands below it.

    numbers: headings of the columns that end on the right. styles: of rows by their place. below:
    lines to add after a row.
    """
    table = [[printable(one_line(cell)) for cell in row] for row in (headings, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    room = display.width if display.is_terminal else PIPED
    is_narrow = sum(widths) + 2 * len(widths) - 2 > room
    for place, cells in enumerate(table, -1):
        padded = [
            _padded(cell, width, heading in numbers)
            for cell, width, heading in zip(cells, widths, headings, strict=True)
        ]
        lines = [cells[0], "  " + "  ".join(padded[1:])] if is_narrow else ["  ".join(padded)]
        for line in filter(str.strip, lines):
            display.message(line.rstrip(), "bold" if place < 0 else styles.get(place))
        for line in below.get(place, ()) if place >= 0 else ():
            display.message(line, "dim")


def _padded(cell: str, width: int, is_number: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if is_number else cell + space
