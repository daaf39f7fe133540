"""Line charts as SVG inside a page: crisp, small, and in the colours of light and dark."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 420, 250  # in the units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 50, 12, 10, 40  # margins, for the ticks
COLORS = 4
MOST_DOTS = 60  # points of a line, above which none has a dot
TINY = 1e-300  # half of it, or a part of it, is still a number

Point = tuple[float, float]


class Series(NamedTuple):
    """A line. points: (x, y), by x; whiskers: (low, high) of each point, or none."""

    label: str
    points: Sequence[Point]
    whiskers: Sequence[tuple[float, float]] = ()


class Axis(NamedTuple):
    """One axis. low, high: its ends; None takes those of the points. is_log: for positive values;
    is_share: values are shares of 1, shown in %. is_whole: values between whole numbers are not
    labelled."""

    label: str
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    is_share: bool = False
    is_whole: bool = False


class Scale(NamedTuple):
    """An axis with its ends, and where they lie in the drawing."""

    axis: Axis
    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value lies."""
        low, high, value = (_logged(v, self.axis) for v in (self.low, self.high, value))
        share = (value - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)


def chart(
    title: str,
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    rules: Sequence[float] = (),
    has_diagonal: bool = False,
) -> Markup:
    """A figure with a title, its lines and a legend; a sentence where there is nothing to draw.

    rules: places on x with a dashed line. has_diagonal: a dashed line from corner to corner. Points
    that are not finite are left out.
    """
    series = [_finite(line, y.is_log) for line in series]
    series = [line for line in series if line.points]
    if not series:
        return Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(
            title, Markup("<p>Nothing was recorded.</p>")
        )
    across = _scale(x, [p[0] for s in series for p in s.points], LEFT, WIDTH - RIGHT)
    ends = [v for s in series for w in s.whiskers for v in w]
    up = _scale(y, [p[1] for s in series for p in s.points] + ends, HEIGHT - BOTTOM, TOP)
    bottom = float(HEIGHT - BOTTOM)
    dashed = [(across.place(v), float(TOP), across.place(v), bottom) for v in rules]
    if has_diagonal:
        dashed.append((across.start, up.start, across.end, up.end))
    parts = [_grid(across, up)]
    parts += [Markup('<line class="rule" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(*line)
              for line in dashed]  # fmt: skip
    parts += [_line(line, n % COLORS, across, up) for n, line in enumerate(series)]
    return Markup(
        "<figure><figcaption>{title}</figcaption>"
        '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">{parts}</svg>'
        "{legend}</figure>"
    ).format(
        title=title, width=WIDTH, height=HEIGHT, parts=Markup("").join(parts),
        legend=_legend(series),
    )  # fmt: skip


def beside(figures: Sequence[Markup]) -> Markup:
    """Figures beside each other, below each other where there is no room."""
    return Markup('<div class="figures">{}</div>').format(Markup("").join(figures))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from low to high, at most about so many."""
    step = 10 ** math.floor(math.log10((high - low) / most))
    step = next((step * k for k in (1, 2, 5) if (high - low) / (step * k) <= most), step * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _logged(value: float, axis: Axis) -> float:
    return math.log10(value) if axis.is_log else value


def _finite(line: Series, is_log: bool) -> Series:
    kept = [
        i
        for i, (x, y) in enumerate(line.points)
        if math.isfinite(x) and math.isfinite(y) and (y > 0 or not is_log)
    ]
    whiskers = [line.whiskers[i] for i in kept] if line.whiskers else []
    least = TINY if is_log else -math.inf
    points = [(x, max(y, least)) for x, y in (line.points[i] for i in kept)]
    return Series(line.label, points, whiskers)


def _scale(axis: Axis, values: Sequence[float], start: float, end: float) -> Scale:
    low = min(values) if axis.low is None else axis.low
    high = max(values) if axis.high is None else axis.high
    if high - low < TINY:
        low, high = (low / 2, low * 2) if axis.is_log else (low - 0.5, low + 0.5)
    if axis.is_log:
        high = max(high, low * 1.01)
    return Scale(axis, low, high, start, end)


def _grid(across: Scale, up: Scale) -> Markup:
    bottom = HEIGHT - BOTTOM
    parts = []
    for value in _ticks_of(up):
        y = up.place(value)
        parts.append(
            Markup('<line class="grid" x1="{}" y1="{y}" x2="{}" y2="{y}"/>'
                   '<text x="{}" y="{}" text-anchor="end">{}</text>').format(
                LEFT, WIDTH - RIGHT, LEFT - 6, round(y + 4, 1), _label(value, up.axis), y=y)
        )  # fmt: skip
    for value in _ticks_of(across):
        parts.append(
            Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
                across.place(value), bottom + 16, _label(value, across.axis))
        )  # fmt: skip
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
        middle, HEIGHT - 5, across.axis.label))  # fmt: skip
    return Markup("").join(parts)


def _ticks_of(scale: Scale) -> list[float]:
    if not scale.axis.is_log:
        values = ticks(scale.low, scale.high)
        return [v for v in values if v == round(v)] if scale.axis.is_whole else values
    first, last = math.floor(math.log10(scale.low)), math.floor(math.log10(scale.high))
    powers = [10.0**power for power in range(first, last + 1)]
    values = [power * k for power in powers for k in (1, 2, 5)] if len(powers) < 3 else powers
    inside = [value for value in values if scale.low <= value <= scale.high]
    return inside[:: max(1, len(inside) // 5)] or [scale.low, scale.high]


def _label(value: float, axis: Axis) -> str:
    if axis.is_share:
        return f"{100 * value:.4g} %"
    if abs(value) >= 10_000:
        return f"{value:,.0f}" if value < 1e6 else f"{value:.0e}"
    return f"{value:.4g}"


def _line(line: Series, color: int, across: Scale, up: Scale) -> Markup:
    places = [(across.place(x), up.place(y)) for x, y in line.points]
    path = " ".join(f"{x},{y}" for x, y in places)
    parts = [Markup('<polyline class="s{}" points="{}"/>').format(color, path)]
    for (x, _), (low, high) in zip(places, line.whiskers):
        parts.append(
            Markup('<line class="s{} whisker" x1="{x}" y1="{}" x2="{x}" y2="{}"/>').format(
                color, up.place(low), up.place(high), x=x)
        )  # fmt: skip
    if len(places) < MOST_DOTS:
        name = f"{line.label}: " if line.label else ""
        for (x, y), (value, height) in zip(places, line.points, strict=True):
            parts.append(
                Markup('<circle class="dot s{}" cx="{}" cy="{}" r="3"><title>{}{}, {}</title>'
                       "</circle>").format(color, x, y, name, _label(value, across.axis),
                                           _label(height, up.axis))
            )  # fmt: skip
    return Markup("").join(parts)


def _legend(series: Sequence[Series]) -> Markup:
    if len(series) == 1 and not series[0].label:
        return Markup("")
    return Markup('<div class="legend">{}</div>').format(
        Markup("").join(
            Markup('<span><i class="s{}"></i>{}</span>').format(number % COLORS, line.label)
            for number, line in enumerate(series)
        )
    )
