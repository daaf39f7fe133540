"""Decoded images with their labels, and the set of three splits they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor

Report = Callable[[str, int, int], None]  # (what is being done, done, total)


class Broken(NamedTuple):
    """A image that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Images:
    """Decoded images, resident or memory-mapped, and how a person finds each of them again.

    `image` is uint8 (N, H, W, C), contiguous, C = 1 or 3; `label` is int64 (N,) or None where there
    are no labels, and then `classes` is empty; `names` holds a path, or "train/123", for each.
    """

    image: Tensor  # uint8 (N, H, W, C)
    label: Tensor | None  # int64 (N,)
    classes: tuple[str, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return self.image.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image.shape[1], self.image.shape[2]

    @property
    def channels(self) -> int:
        """1 (grey) or 3 (red, green, blue)."""
        return self.image.shape[3]

    def subset(self, index: Tensor) -> "Images":
        """The images at `index`, int64 (M,); a run of neighbours is a view, others are copied."""
        rows = index.tolist()
        names = tuple(self.names[row] for row in rows)
        if rows and rows == list(range(rows[0], rows[0] + len(rows))):
            span = slice(rows[0], rows[0] + len(rows))
            label = None if self.label is None else self.label[span]
            return Images(self.image[span], label, self.classes, names)
        label = None if self.label is None else self.label[index]
        return Images(self.image[index], label, self.classes, names)


@dataclass(frozen=True)
class DataSet:
    """The images of one set: training, validation and test, and what a user should know of them.

    `preprocessing` is {"size": [H, W], "channels": C, "fit": "crop"}, which `decode` takes to treat
    a new image the same way; `fingerprint` is 32 hexadecimal digits over what was read, wherever
    it lies; `notes` are sentences to show; `facts` describe the files as they are on disk (formats,
    modes, sizes); `duplicates` are the groups of near-duplicates, by name.
    """

    name: str
    train: Images
    valid: Images | None
    test: Images | None  # None where the set has no test split of its own
    broken: tuple[Broken, ...]
    notes: tuple[str, ...]
    fingerprint: str
    preprocessing: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    duplicates: tuple[tuple[str, ...], ...] = ()
