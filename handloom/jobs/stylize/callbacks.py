"""What a person sees while an image is painted: a preview that is renewed, frames, one line."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from handloom.data.images.photo import write
from handloom.engine.loop import Callback, Fit

if TYPE_CHECKING:
    from rich.console import Console


class Preview(Callback):
    """Writes the present image to `path`, at most every `seconds`, and once at the start."""

    def __init__(self, path: Path, seen: Callable[[], Tensor], seconds: float = 2.0) -> None:
        self.path, self.seen, self.seconds = path, seen, seconds
        self._next = 0.0

    def step(self, fit: Fit) -> None:
        if time.monotonic() < self._next:
            return
        began = time.monotonic()
        write(self.seen(), self.path)
        # A large image takes long to compress: never more than a twentieth of the time.
        self._next = time.monotonic() + max(self.seconds, 20 * (time.monotonic() - began))

    def finish(self, fit: Fit) -> None:
        write(self.seen(), self.path)


class Frames(Callback):
    """Keeps every n-th image as a numbered JPEG, by the count of steps: a resumed run has the
    same ones. side: longest side of a frame in pixels."""

    def __init__(
        self, folder: Path, seen: Callable[[], Tensor], every: int, side: int = 720
    ) -> None:
        self.folder, self.seen, self.every, self.side = folder, seen, every, side

    def start(self, fit: Fit) -> None:
        self.folder.mkdir(exist_ok=True)
        if fit.progress.step == 0:
            self._keep(0)

    def step(self, fit: Fit) -> None:
        if fit.progress.step % self.every == 0:
            self._keep(fit.progress.step)

    def _keep(self, step: int) -> None:
        from handloom.data.images.photo import to_image

        image = to_image(self.seen())
        image.thumbnail((self.side, self.side))
        image.save(self.folder / f"{step:06d}.jpg", quality=90)


@dataclass(frozen=True)
class Share:
    """Where a size stands among all: evaluations and work (evaluations times pixels)."""

    title: str
    first: int  # evaluations of the sizes before
    iterations: int
    pixels: int
    work_before: int
    work: int  # of all sizes


class PaintingLine(Callback):
    """Size, iteration, loss and time left, in which a large size counts for what it is."""

    def __init__(self, console: "Console", share: Share) -> None:
        self.console, self.share = console, share
        self._next, self._began = 0.0, (0.0, 0)
        self._shown = ""

    def start(self, fit: Fit) -> None:
        self._began = (time.monotonic(), fit.progress.step)
        self._next = time.monotonic() + 1

    def step(self, fit: Fit) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + (0.5 if self.console.is_terminal else 5.0)
            self._print(fit, end="\r" if self.console.is_terminal else "\n")

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self._shown = _loss({k.removeprefix("train/"): v for k, v in record.items()})

    def finish(self, fit: Fit) -> None:
        self._print(fit, end="\n")

    def _print(self, fit: Fit, end: str) -> None:
        done = fit.progress.step - self.share.first
        means = fit.steps[-1].means()
        if means:
            self._shown = _loss(means)
        parts = [f"{self.share.title}: {done} of {self.share.iterations}", self._shown]
        seconds, steps = time.monotonic() - self._began[0], fit.progress.step - self._began[1]
        if steps:
            left = self.share.work - self.share.work_before - done * self.share.pixels
            each = seconds / steps
            parts.append(f"{each:.2f} s each, {_clock(left * each / self.share.pixels)} left")
        self.console.print("  ".join(parts), end=end, highlight=False, soft_wrap=True)


def _loss(means: dict[str, float]) -> str:
    return f"loss {means['loss']:.4g} (content {means['content']:.3g}, style {means['style']:.3g})"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(max(0.0, seconds) + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
