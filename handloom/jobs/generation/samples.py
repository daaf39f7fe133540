"""Samples written while a generative network trains."""

from collections.abc import Callable

from torch import Tensor

from handloom.data.images.drawing.grid import grid, png
from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory

MOST = 20  # epochs written at equal distances


class WriteSamples(Callback):
    """Writes samples/epoch-N.png after an epoch and samples/step-N.png every `every` steps.

    generate: returns uint8 (N, H, W, C) on the CPU, always of the same latents, without random
        numbers from the global generators, so that training is the same with and without it.
    columns: images in a row.

    Epochs 1, 2, 5, 10, 20, 50 ... and the last are always written, of the others every n-th, so
    that there are about 30 of a training: which ones depends on its length alone.
    The last is known when the training has ended, which patience or a person may do early. The same
    images go to TensorBoard as "samples".
    """

    def __init__(
        self,
        run: RunDirectory,
        generate: Callable[[], Tensor],
        every: int | None = None,
        columns: int = 8,
    ) -> None:
        self.run, self.generate, self.every, self.columns = run, generate, every, columns
        self._written = 0

    def step(self, fit: Fit) -> None:
        if self.every is not None and fit.progress.step % self.every == 0:
            self._write(fit, f"step-{fit.progress.step}.png", fit.progress.epoch + 1)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        epoch = fit.progress.epoch
        if is_round(epoch) or epoch % -(-fit.last_epoch // MOST) == 0:
            self._write_epoch(fit)

    def finish(self, fit: Fit) -> None:
        if ends_after(fit, self._written):
            self._write_epoch(fit)

    def _write_epoch(self, fit: Fit) -> None:
        self._written = fit.progress.epoch
        self._write(fit, f"epoch-{self._written}.png", self._written)

    def _write(self, fit: Fit, name: str, epoch: int) -> None:
        pixels = grid(self.generate(), self.columns)
        self.run.write_sample(name, png(pixels))
        for callback in fit.callbacks:
            if isinstance(callback, TensorBoard):
                callback.image("samples", pixels, epoch)


def is_round(epoch: int) -> bool:
    """Whether it is 1, 2, 5, 10, 20, 50, ..."""
    return str(epoch)[0] in "125" and set(str(epoch)[1:]) <= {"0"}


def ends_after(fit: Fit, written: int) -> bool:
    """Whether a training that has ended did so at the end of an epoch, after that of the last
    sample."""
    return fit.progress.within == 0 and fit.progress.epoch > written
