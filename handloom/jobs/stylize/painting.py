"""Stylize and resume: photo and paintings, sizes from small to large, and a run directory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.config import check
from handloom.errors import UserError
from handloom.jobs.stylize import build as recipe
from handloom.jobs.stylize import stage as style_stage
from handloom.jobs.stylize.build import Config
from handloom.jobs.stylize.record import Job, announce, experiment_of, record, start_of
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.engine.loop import Fit, Progress


def stylize(
    photo: Path,
    styles: list[Path],
    out: Path,
    options: dict[str, Any],
    console: "Display",
    run: Path | None = None,
    frames: Path | None = None,
) -> RunDirectory:
    """Paint `photo` like `styles` into `out`; the run is returned, finished or stopped."""
    from handloom.data.images.photo import check_frames, check_writable

    check_writable(out)
    if frames is not None:
        check_frames(frames)
    config = check(Config, options)
    job = _prepare(config, photo, styles, out, frames, console)
    directory = RunDirectory.create(run, "stylize", str(photo))
    with directory.lock():
        directory.write_config(record(job))
        announce(job, directory, console)
        _paint(job, directory, console)
    return directory


def resume(path: Path, console: "Display") -> RunDirectory:
    """Go on painting from the newest whole checkpoint, to the bit as if nothing had happened."""
    import torch

    from handloom.jobs.stylize.memory import Plan

    directory = RunDirectory.open(path)
    with directory.lock():
        found = directory.config()
        torch.set_num_threads(found["resolved"]["threads"])  # sums depend on how they are shared
        frames = found["frames"] and Path(found["frames"])
        styles = [Path(style) for style in found["styles"]]
        # The plans are those it began with: memory in use differs from process to process.
        config = replace(check(Config, found["options"]), memory=None)
        job = _prepare(config, Path(found["data"]), styles, Path(found["out"]), frames, console)
        job.plans = [Plan(**plan) for plan in found["resolved"]["plans"]]
        if job.images.fingerprint != found["fingerprint"]:
            raise UserError(
                f"the images of {path} are not those it began with: restore them, or paint anew "
                "with 'handloom stylize'"
            )
        if job.about["digest"] != found["network"]["digest"]:
            raise UserError(
                f"the weights of {job.about['name']} are not those that {path} began with: restore "
                f"{found['network']['weights']}"
            )
        _paint(job, directory, console, resume=True)
    return directory


def _prepare(
    config: Config,
    photo: Path,
    styles: list[Path],
    out: Path,
    frames: Path | None,
    console: "Display",
) -> Job:
    import torch

    from handloom.engine.precision import Precision, pick_device
    from handloom.jobs.preparation import reading
    from handloom.jobs.stylize import memory as style_memory
    from handloom.jobs.stylize.network import network

    images = recipe.load(config, photo, styles)
    limit = None if config.memory is None else style_memory.parse(config.memory)
    device = pick_device(config.device)
    dtype = Precision.resolve(device, config.precision).dtype or torch.float32
    with reading(console) as report:
        judge, about = network(config, dtype, report)
    config = recipe.resolve(replace(config, network=about["name"], weights=about["weights"]))
    judge = judge.to(device)
    layers = recipe.judged(config).all_layers
    sizes = recipe.stages(config, images)
    recipe.check_sizes(sizes, images, judge.smallest(layers))
    plans = [style_memory.chosen(config, s.height, s.width, judge, layers, limit) for s in sizes]
    return Job(config, images, photo, styles, out, frames, judge, about, device, sizes, plans)


def _paint(job: Job, directory: RunDirectory, console: "Display", resume: bool = False) -> None:
    from handloom.engine.callbacks.journal import Journal

    saved = _saved(directory, console) if resume else None
    journal, progress, pixels = Journal(directory), None, None
    directory.write_status({"status": "running"})
    for number in range(len(job.stages)):
        if saved is not None and saved[1]["stage"]["number"] != number:
            continue
        fit, result, seen = _stage(
            job, directory, console, journal, number, pixels, progress, saved
        )
        saved = None
        _run(fit, directory)
        progress = fit.progress
        if progress.stop:
            break
        pixels = result()
    assert progress is not None
    if not progress.stop:
        _deliver(job, directory, seen())
    _close(job, directory, progress, console)


def _stage(
    job: Job,
    directory: RunDirectory,
    console: "Display",
    journal: Any,
    number: int,
    pixels: "Tensor | None",
    progress: "Progress | None",
    saved: Any,
) -> "tuple[Fit, Callable[[], Tensor], Callable[[], Tensor]]":
    """The training of one size; what gives its pixels, and what gives the image seen."""
    from handloom.engine import checkpoint
    from handloom.engine.lbfgs import LBFGS
    from handloom.engine.loop import Fit

    shown = style_stage.prepared(job.config, job.images, job.stages[number])
    experiment = experiment_of(job, number, shown, pixels)
    painting = experiment.objective.pixels

    def result() -> "Tensor":
        optimizer = experiment.optimizers["pixels"]
        return optimizer.settled if isinstance(optimizer, LBFGS) else painting.detach()

    def seen() -> "Tensor":
        return style_stage.finished(job.config, result(), shown.photo)

    observers = _observers(job, directory, console, journal, number, seen)
    fit = Fit(experiment, observers, start_of(job, number), progress)
    if saved is not None:
        checkpoint.put(fit, *saved)
    return fit, result, seen


def _observers(
    job: Job,
    directory: RunDirectory,
    console: "Display",
    journal: Any,
    number: int,
    seen: "Callable[[], Tensor]",
) -> list[Any]:
    from handloom.engine.callbacks.best import KeepBest
    from handloom.engine.callbacks.checkpoints import Checkpoints
    from handloom.engine.callbacks.tensorboard import TensorBoard
    from handloom.jobs.stylize.callbacks import Frames, PaintingLine, Preview

    best = KeepBest(directory)
    # Between two checkpoints lies at least ten times what writing one takes, at 50 MB a second.
    numbers = 3 * job.stages[number].height * job.stages[number].width
    interval = max(10.0, numbers * 4 * (2 * job.plans[number].history + 4) / 5e6)
    every = job.config.frame_every or _frame_every(job)
    return [
        Preview(directory.path / "preview.jpg", seen),
        Frames(directory.path / "samples", seen, every),
        best,
        journal,
        TensorBoard(directory),
        PaintingLine(console, _share(job, number)),
        Checkpoints(directory, best, interval),
    ]


def _run(fit: "Fit", directory: RunDirectory) -> None:
    from handloom.engine.callbacks.interrupt import stop_on_signal
    from handloom.engine.loop import Diverged

    try:
        with stop_on_signal(fit):
            fit.run()
    except Diverged as error:
        raise UserError(
            f"{error}: the last good state is kept in {directory.path}; try --precision float32 or "
            "a smaller --style-weight"
        ) from None


def _deliver(job: Job, directory: RunDirectory, image: "Tensor") -> None:
    """The result where it was asked for, and in the run; the animation too."""
    from handloom.data.images.photo import write, write_frames
    from handloom.runs.files import writable

    with writable(job.out):
        write(image, job.out)
        write(image, directory.path / "result.png")
        if job.frames is not None:
            write_frames(sorted((directory.path / "samples").glob("*.jpg")), job.frames)


def _close(job: Job, directory: RunDirectory, progress: "Progress", console: "Display") -> None:
    from handloom.engine.callbacks.interrupt import INTERRUPTED
    from handloom.jobs.stylize.report import write_report

    stopped = progress.stop == INTERRUPTED
    directory.write_status(
        {
            "status": "stopped" if stopped else "finished",
            "reason": progress.stop,
            "epoch": progress.epoch,
            "seconds": round(progress.seconds, 3),
        }
    )
    if not stopped:
        write_report(directory, job.images)


def _saved(directory: RunDirectory, console: "Display") -> Any:
    found = directory.checkpoint()
    if found is None:
        return None
    tensors, numbers, notes = found
    for note in notes:
        console.print(note, style="yellow")
    return tensors, numbers


def _share(job: Job, number: int) -> Any:
    from handloom.jobs.stylize.callbacks import Share

    stage = job.stages[number]
    work = [s.height * s.width * s.iterations for s in job.stages]
    return Share(
        f"{stage.width}x{stage.height}",
        sum(s.iterations for s in job.stages[:number]),
        stage.iterations,
        stage.height * stage.width,
        sum(work[:number]),
        sum(work),
    )


def _frame_every(job: Job) -> int:
    """About 60 frames for an animation, eight for the report."""
    wanted = 8 if job.frames is None else 60
    return max(1, sum(stage.iterations for stage in job.stages) // wanted)
