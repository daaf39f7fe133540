"""What a map is coloured by: labels or clusters, with their names and colours."""

import colorsys
from collections import Counter
from typing import Literal, NamedTuple

from handloom.search.map.layout import ImageMap

By = Literal["label", "cluster"]
COLOURS = (
    "#1f77b4", "#e6550d", "#2ca02c", "#d62728", "#7b4fb5", "#8c564b", "#d6559f", "#636363",
    "#a68a00", "#0f9aa8",
)  # fmt: skip
NONE = "without a label"


class MapGroups(NamedTuple):
    """names: of the groups. number: which group each image is of. colours: of the groups."""

    names: list[str]
    number: list[int]
    colours: list[str]


def is_labelled(made: ImageMap) -> bool:
    """Whether there are two labels or more."""
    return len({image.label for image in made.images} - {None}) > 1


def groups(made: ImageMap, by: By) -> MapGroups:
    """The groups of a map."""
    names, number = _labels(made) if by == "label" else _clusters(made)
    return MapGroups(names, number, [_colour(place, len(names)) for place in range(len(names))])


def _labels(made: ImageMap) -> tuple[list[str], list[int]]:
    labels = [NONE if image.label is None else image.label for image in made.images]
    names = sorted(set(labels), key=lambda name: (name == NONE, name))
    return names, [names.index(label) for label in labels]


def _clusters(made: ImageMap) -> tuple[list[str], list[int]]:
    """Clusters are named by their size, and by the label that most of their images have."""
    number, names = made.cluster.tolist(), []
    labels = [image.label for image in made.images]
    for each in range(max(number) + 1):
        inside = [label for label, its in zip(labels, number, strict=True) if its == each]
        (label, count), *_ = Counter(inside).most_common(1)
        mostly = f", {100 * count / len(inside):.0f} % {label}" if label is not None else ""
        names.append(f"{each + 1}: {len(inside):,}{mostly}")
    return names, number


def _colour(place: int, count: int) -> str:
    if count <= len(COLOURS):
        return COLOURS[place]
    red, green, blue = colorsys.hls_to_rgb(place / count, 0.42 if place % 2 else 0.54, 0.65)
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"
