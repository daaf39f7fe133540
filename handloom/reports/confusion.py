"""The confusion matrix: a table whose cells open what is in them; many classes are drawn."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

MOST_NAMED = 25  # classes with a row of their own in the table; more are drawn
MOST_PAIRS = 15  # most frequent confusions that are listed beside a drawing

Confused = tuple[int, int]  # class, predicted class
Counts = Mapping[Confused, int]


def confusion(classes: Sequence[str], counts: Counts, bodies: Mapping[Confused, Markup]) -> Markup:
    """Rows are classes, columns what was predicted; a cell opens its body, where it has one.

    counts: of the cells that are not empty. A cell is opened by the browser alone, by its anchor.
    """
    groups = [_group(classes, cell, counts[cell], body) for cell, body in bodies.items()]
    if len(classes) <= MOST_NAMED:
        top = _table(classes, counts, bodies)
    else:
        top = _drawing(classes, counts, bodies)
    return Markup('{}<div id="cells">{}</div>').format(top, Markup("").join(groups))


def cell_name(cell: Confused) -> str:
    """The anchor of a cell."""
    return f"cell-{cell[0]}-{cell[1]}"


def _table(classes: Sequence[str], counts: Counts, bodies: Mapping[Confused, Markup]) -> Markup:
    heads = [Markup("<th><span>{}</span></th>").format(shortened(name)) for name in classes]
    rows = []
    for row, name in enumerate(classes):
        total = max(1, sum(counts.get((row, column), 0) for column in range(len(classes))))
        cells = [
            _cell(classes, (row, column), counts.get((row, column), 0), total, bodies)
            for column in range(len(classes))
        ]
        rows.append(
            Markup("<tr><th>{}</th>{}</tr>").format(shortened(name), Markup("").join(cells))
        )
    return Markup(
        '<div class="wide"><table class="matrix"><thead><tr><th></th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(Markup("").join(heads), Markup("").join(rows))


def _cell(
    classes: Sequence[str],
    cell: Confused,
    count: int,
    total: int,
    bodies: Mapping[Confused, Markup],
) -> Markup:
    if not count:
        return Markup("<td></td>")
    kind = "right" if cell[0] == cell[1] else "wrong"
    title = _sentence(classes, cell, count)
    shown: Markup | int = count
    if cell in bodies:
        shown = Markup('<a href="#{}">{}</a>').format(cell_name(cell), count)
    return Markup('<td class="{}" style="--share:{:.3f}" title="{}">{}</td>').format(
        kind, count / total, title, shown
    )


def _drawing(classes: Sequence[str], counts: Counts, bodies: Mapping[Confused, Markup]) -> Markup:
    """A square for each cell that is not empty, and the most frequent confusions in words."""
    size = len(classes)
    totals = [0] * size
    for (row, _), count in counts.items():
        totals[row] += count
    squares = []
    for cell, count in counts.items():
        kind = "right" if cell[0] == cell[1] else "wrong"
        square = Markup('<rect class="{}" x="{}" y="{}" width="1" height="1" opacity="{:.2f}">'
                        "<title>{}</title></rect>").format(
            kind, cell[1], cell[0], 0.25 + 0.75 * count / max(1, totals[cell[0]]),
            _sentence(classes, cell, count))  # fmt: skip
        if cell in bodies:
            square = Markup('<a href="#{}">{}</a>').format(cell_name(cell), square)
        squares.append(square)
    wrong = sorted((cell for cell in counts if cell[0] != cell[1]), key=lambda c: -counts[c])
    lines = []
    for cell in wrong[:MOST_PAIRS]:
        text = _sentence(classes, cell, counts[cell])
        link = Markup('<a href="#{}">{}</a>').format(cell_name(cell), text)
        lines.append(Markup("<li>{}</li>").format(link if cell in bodies else text))
    return Markup(
        '<svg class="dense" viewBox="0 0 {size} {size}" role="img" aria-label="confusion matrix">'
        "{squares}</svg><h3>Most often confused</h3><ol>{lines}</ol>"
    ).format(size=size, squares=Markup("").join(squares), lines=Markup("").join(lines))


def _group(classes: Sequence[str], cell: Confused, count: int, body: Markup) -> Markup:
    return Markup(
        '<div class="cell" id="{}"><h3>{}</h3>{}<p><a href="#confusion">close</a></p></div>'
    ).format(cell_name(cell), _sentence(classes, cell, count), body)


def _sentence(classes: Sequence[str], cell: Confused, count: int) -> str:
    label, predicted = classes[cell[0]], classes[cell[1]]
    if cell[0] == cell[1]:
        return f"{count:,} of class '{label}', predicted right"
    return f"{count:,} of class '{label}', predicted '{predicted}'"


def shortened(name: str, most: int = 18) -> str:
    """A class name for a narrow place."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
