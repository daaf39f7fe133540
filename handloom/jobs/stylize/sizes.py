"""The sizes an image goes through, from small to large: one stage of the run each."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.errors import UserError
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.images import StyleImages


@dataclass(frozen=True)
class Size:
    """Height and width in pixels, and evaluations."""

    height: int
    width: int
    iterations: int

    @property
    def name(self) -> str:
        """As it is read: width x height."""
        return f"{self.width}x{self.height}"

    @property
    def steps(self) -> int:
        """Iterations in an epoch: the largest divisor up to 10, so that epochs come out even."""
        return next(n for n in range(10, 0, -1) if self.iterations % n == 0)

    @property
    def epochs(self) -> int:
        """Epochs at this size."""
        return self.iterations // self.steps


def sizes(config: Config, images: StyleImages) -> list[Size]:
    """From the smallest size to the final one, in the photo's proportions."""
    assert config.size is not None
    assert config.scales is not None
    assert config.iterations is not None
    planned = []
    for halvings in range(config.scales - 1, -1, -1):
        height, width = images.photo.sized(max(1, config.size // 2**halvings))
        coarse = -(-(config.iterations * 3 // 2) // 10) * 10
        planned.append(Size(height, width, coarse if halvings else config.iterations))
    return planned


def check_sizes(planned: list[Size], images: StyleImages, smallest: int) -> None:
    """A UserError where an image is too small for the deepest layer, which needs `smallest`."""
    for opened in (images.photo, *images.paintings):
        if opened.short_side < smallest:
            width, height = opened.image.size
            raise UserError(
                f"{opened.path} is {width}x{height} pixels, and the network's deepest layer needs "
                f"{smallest} at the short side: take a larger image"
            )
    first, final = planned[0], planned[-1]
    if min(first.height, first.width) < smallest:
        raise UserError(
            f"--size {min(final.height, final.width)} makes {first.height}x{first.width} pixels "
            f"the first size, and the network needs {smallest}: give a larger --size or fewer "
            "--scales"
        )
