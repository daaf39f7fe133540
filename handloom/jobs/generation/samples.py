"""Images while a generative network learns."""

import time
from collections.abc import Callable

from torch import Tensor

from handloom.data.images.grid import grid, png
from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory


class Drawing(Callback):
    """Writes samples/epoch-N.png after an epoch and samples/step-N.png every `every` steps.

    draw: gives uint8 (N, H, W, C) on the CPU, always from the same latents and without drawing
        random numbers from the global generators: the training's numbers do not change.
        `inference.generate.draw` is made for it, and leaves modes as they were.
    columns: images in a row.

    Epochs 1, 2, 5, 10, 20, 50 ... and the last are always drawn, others at most once a second.
    The same images go to TensorBoard, as "samples".
    """

    def __init__(
        self,
        run: RunDirectory,
        draw: Callable[[], Tensor],
        every: int | None = None,
        columns: int = 8,
    ) -> None:
        self.run, self.draw, self.every, self.columns = run, draw, every, columns
        self._next = 0.0

    def step(self, fit: Fit) -> None:
        if self.every is not None and fit.progress.step % self.every == 0:
            self._draw(fit, f"step-{fit.progress.step}.png", fit.progress.epoch + 1)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        epoch = fit.progress.epoch
        round_number = str(epoch)[0] in "125" and set(str(epoch)[1:]) <= {"0"}
        last = epoch == fit.last_epoch or fit.progress.stop is not None
        if round_number or last or time.monotonic() >= self._next:
            self._draw(fit, f"epoch-{epoch}.png", epoch)

    def _draw(self, fit: Fit, name: str, epoch: int) -> None:
        pixels = grid(self.draw(), self.columns)
        self.run.write_sample(name, png(pixels))
        for callback in fit.callbacks:
            if isinstance(callback, TensorBoard):
                callback.image("samples", pixels, epoch)
        self._next = time.monotonic() + 1
