"""What can be seen while an image is optimised: a preview that is renewed, and frames."""

import time
from collections.abc import Callable
from pathlib import Path

from torch import Tensor, nn

from handloom.data.images.photo import write
from handloom.engine.loop import Callback, Fit

Render = Callable[[nn.Module], Tensor]
"""The network `image` of an experiment -> what is seen, (1, 3, H, W) in [0, 1]."""


class Preview(Callback):
    """Writes the present image to `path`, at most every `seconds`, and once at the start."""

    def __init__(self, path: Path, view: Render, seconds: float = 2.0) -> None:
        self.path, self.view, self.seconds = path, view, seconds
        self._next = 0.0

    def step(self, fit: Fit) -> None:
        if time.monotonic() < self._next:
            return
        began = time.monotonic()
        write(self.view(fit.experiment.networks["image"]), self.path)
        # A large image takes long to compress: never more than a twentieth of the time.
        self._next = time.monotonic() + max(self.seconds, 20 * (time.monotonic() - began))

    def finish(self, fit: Fit) -> None:
        write(self.view(fit.experiment.networks["image"]), self.path)


class Frames(Callback):
    """Keeps every n-th image as a numbered JPEG, by the count of steps: a resumed run has the
    same ones. side: longest side of a frame in pixels."""

    def __init__(self, folder: Path, view: Render, every: int, side: int = 720) -> None:
        self.folder, self.view, self.every, self.side = folder, view, every, side

    def start(self, fit: Fit) -> None:
        self.folder.mkdir(exist_ok=True)
        if fit.progress.step == 0:
            self._keep(fit, 0)

    def step(self, fit: Fit) -> None:
        if fit.progress.step % self.every == 0:
            self._keep(fit, fit.progress.step)

    def _keep(self, fit: Fit, step: int) -> None:
        from handloom.data.images.photo import to_image

        image = to_image(self.view(fit.experiment.networks["image"]))
        image.thumbnail((self.side, self.side))
        image.save(self.folder / f"{step:06d}.jpg", quality=90)
