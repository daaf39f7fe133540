"""What is shown while training: one line that moves, or one line an epoch in a log."""

import time
from typing import TYPE_CHECKING

from handloom.engine.loop import Callback, Fit

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


QUIET = 30.0  # seconds without a line in a log


class ProgressLine(Callback):
    """Epoch, loss, metrics, samples a second and time left.

    Notes that other callbacks leave in `progress.notes` are printed above it, in yellow.
    The loss is read from the device twice a second, between steps. In a terminal the line is
    redrawn, and says that an epoch is being evaluated; elsewhere a line is printed after an epoch,
    at most one every two seconds, and within one where nothing was for half a minute.

    epochs_after: of the stages that follow. work_after: how long those take, in epochs of this one.
    """

    def __init__(self, console: "Console", epochs_after: int = 0, work_after: float = 0.0) -> None:
        self.console = console
        self.epochs_after, self.work_after = epochs_after, work_after
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._next, self._due = 0.0, 0.0  # for the line of an epoch, and for one within it
        self._loss = ""
        self._metrics = ""
        self._monitored = ""
        self._began = (0.0, 0)

    def start(self, fit: Fit) -> None:
        self._began = (time.monotonic(), fit.progress.step)
        self._note(fit)
        is_solved = fit.progress.step >= fit.last_step  # or ended, before it was resumed
        self._due = time.monotonic() + QUIET
        if not self.console.is_terminal or is_solved:
            return
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(8),
            TextColumn("{task.fields[text]}"),
            console=self.console,
            transient=True,
            auto_refresh=False,  # a thread that redraws ten times a second takes from training
        )
        self._task = self._bar.add_task("", total=fit.last_step, text="")
        self._bar.start()
        self._due = 0.0

    def step(self, fit: Fit) -> None:
        if time.monotonic() < self._due:
            return
        means = fit.steps[-1].means()
        self._loss = f"loss {means['loss']:.4f}" if means else ""
        self._draw_steps(fit)

    def evaluating(self, fit: Fit, done: int, batches: int) -> None:
        if time.monotonic() < self._due:
            return
        amount = f", batch {done:,} of {batches:,}" if done else ""
        self._draw(fit, fit.progress.epoch, f"validating{amount}")

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self._note(fit)
        self._metrics = describe(record)
        monitor = fit.experiment.monitor
        if monitor in record:
            self._monitored = _shown(monitor, record)
        if self._bar is not None:
            self._draw_steps(fit)
            return
        last = fit.progress.epoch >= fit.last_epoch or fit.progress.must_stop
        if last or time.monotonic() >= self._next:
            self._next, self._due = time.monotonic() + 2, time.monotonic() + self._every
            self._print(self._place(fit, fit.progress.epoch), self._metrics, self._rate(fit))

    def finish(self, fit: Fit) -> None:
        if self._bar is not None:
            self._bar.stop()
            whole = _rate(fit.progress.samples, fit.progress.seconds)
            self._print(self._place(fit, fit.progress.epoch), self._metrics, whole)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()  # gives the cursor back, after an error too

    def _note(self, fit: Fit) -> None:
        """What other callbacks have to say, once, above the line."""
        for note in fit.progress.notes:
            self.console.print(note, style="yellow", highlight=False, soft_wrap=True)
        fit.progress.notes.clear()

    def _draw(self, fit: Fit, epoch: int, now: str) -> None:
        """now: what is being done, or how fast."""
        self._due = time.monotonic() + self._every
        place, parts = self._place(fit, epoch), (self._loss, self._monitored, now)
        if self._bar is None:
            step = f"step {fit.progress.within:,} of {fit.experiment.train.steps:,}"
            self._print(place, step, *parts)
            return
        assert self._task is not None
        self._bar.update(
            self._task,
            completed=fit.progress.step,
            description=place,
            text="  ".join(part for part in parts if part),
            refresh=True,
        )

    def _print(self, *parts: str) -> None:
        line = "  ".join(part for part in parts if part)
        self.console.print(line, highlight=False, soft_wrap=True)

    def _draw_steps(self, fit: Fit) -> None:
        self._draw(fit, min(fit.progress.epoch + 1, fit.last_epoch), self._rate(fit))

    @property
    def _every(self) -> float:
        """Seconds from one line to the next within an epoch."""
        return QUIET if self._bar is None else 0.5

    def _place(self, fit: Fit, epoch: int) -> str:
        return f"epoch {epoch}/{fit.last_epoch + self.epochs_after}"

    def _rate(self, fit: Fit) -> str:
        seconds, steps = time.monotonic() - self._began[0], fit.progress.step - self._began[1]
        after = self.work_after * fit.experiment.train.steps
        left = (fit.last_step - fit.progress.step + after) * seconds / max(steps, 1)
        return f"{_rate(fit.progress.samples, fit.progress.seconds)}  {_clock(left)} left"


def describe(record: dict[str, float]) -> str:
    """The few numbers of an epoch that fit in a line: losses, and of validation."""
    losses = [name for name in record if name.startswith("train/") and name.endswith("/loss")]
    ends = ("_low", "_high")  # of an interval, shown beside its metric
    valid = [n for n in record if n.startswith("valid/") and not n.endswith(ends)]
    return "  ".join(_shown(name, record) for name in losses + valid[:2])


def _shown(name: str, record: dict[str, float]) -> str:
    """A metric with its value, and with its interval where the record has its ends."""
    title, value = name.removeprefix("train/").replace("/", " "), record[name]
    if not name.endswith("accuracy"):
        return f"{title} {value:.4g}"
    low, high = record.get(f"{name}_low"), record.get(f"{name}_high")
    if low is None or high is None:
        return f"{title} {100 * value:.2f} %"
    return f"{title} {100 * value:.2f} % ({100 * low:.0f} to {100 * high:.0f} %)"


def _rate(samples: int, seconds: float) -> str:
    return f"{samples / seconds:,.0f}/s" if seconds else ""


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds + 0.5), 60)
    return (
        f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        if minutes >= 60
        else f"{minutes}:{seconds:02d}"
    )
