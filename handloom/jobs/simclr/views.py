"""The views of a run, and samples/views.png: some of them, for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.engine.loop import Callback
    from handloom.jobs.stage import MakeCallback
    from handloom.models.layers.views import Views
    from handloom.runs.directory import RunDirectory

NAME = "views.png"
OPTIONS = ("crop", "hflip", "rotate", "color", "blur", "noise")


def views_of(options: Mapping[str, Any], size: tuple[int, int], channels: int) -> Views:
    """Views of images (H, W), as large as they are, by the options of a run."""
    from handloom.models.layers.views import Views

    # What comes in from outside: black around a digit, the mirrored edge of a photo.
    border = "zeros" if channels == 1 else "reflect"
    return Views(size, **{name: options[name] for name in OPTIONS}, border=border)


def writing(train: Images) -> MakeCallback:
    """A callback that writes the views of some images before the first step."""

    def make(directory: RunDirectory) -> Callback:
        from handloom.jobs.simclr.views_sample import ViewsSample

        return ViewsSample(directory, train)

    return make
