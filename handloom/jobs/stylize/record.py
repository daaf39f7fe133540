"""A image ready to be painted, and what is said and written of it."""

import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.jobs.stylize import build as recipe
from handloom.jobs.stylize import stage as style_stage
from handloom.jobs.stylize.build import Config, Images, Stage
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.display.console import Display
    from handloom.engine.loop import StageStart
    from handloom.jobs.stylize.memory import Plan


@dataclass
class Job:
    """A image ready to be painted."""

    config: Config
    images: Images
    photo: Path
    styles: list[Path]
    out: Path
    frames: Path | None
    network: Any
    about: dict[str, Any]  # of the network, for config.json
    device: "torch.device"
    stages: list[Stage]
    plans: "list[Plan]"


def announce(job: Job, directory: RunDirectory, console: "Display") -> None:
    """Before painting: which network, which sizes, how much memory, and where to."""

    def say(text: str, style: str | None = None) -> None:
        console.print(text, highlight=False, soft_wrap=True, style=style)

    for note in job.images.notes:
        say(note, "yellow")
    say(f"painted by {job.about['sentence']}", "yellow" if job.about["warn"] else None)
    sizes = ", ".join(f"{s.width}x{s.height} ({s.iterations})" for s in job.stages)
    plan = job.plans[-1]
    tiles = f" in tiles of {plan.tile} with a margin of {plan.margin}" if plan.tile else ""
    remembered = f" with a history of {plan.history}" if plan.history else ""
    say(
        f"sizes and evaluations: {sizes}; {plan.optimizer}{remembered} on {job.device} in "
        f"{job.about['precision']}{tiles}, about {plan.needs / 2**30:.1f} GB, into {directory.path}"
    )


def record(job: Job) -> dict[str, Any]:
    """What config.json holds."""
    import torch

    import handloom

    return {
        "job": "stylize",
        "data": str(job.photo.resolve()),
        "styles": [str(style.resolve()) for style in job.styles],
        "out": str(job.out.resolve()),
        "frames": None if job.frames is None else str(job.frames.resolve()),
        "epochs": sum(stage.iterations // stage.epoch for stage in job.stages),
        "options": _placed(job.config),
        "resolved": {
            "device": str(job.device),
            "precision": job.about["precision"],
            "threads": torch.get_num_threads(),
            "loss": asdict(recipe.judged(job.config)),
            "plans": [asdict(plan) for plan in job.plans],
        },
        "network": job.about,
        "stages": [asdict(stage) for stage in job.stages],
        "preprocessing": {"size": [job.stages[-1].height, job.stages[-1].width]},
        "fingerprint": job.images.fingerprint,
        "versions": {
            "handloom": handloom.__version__,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
        },
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _placed(config: Config) -> dict[str, Any]:
    """Options as they must be to paint the same from any folder."""
    found = asdict(config)
    if config.start not in ("photo", "noise"):
        found["start"] = str(Path(config.start).resolve())
    if config.masks:
        found["masks"] = ",".join(str(Path(m).resolve()) for m in config.masks.split(","))
    return found


def experiment_of(job: Job, number: int, shown: Any, pixels: "Tensor | None") -> Any:
    """The training of one size, which begins where the size before it ended."""
    from handloom.objectives.style_transfer import Division

    stage, plan = job.stages[number], job.plans[number]
    start = (
        style_stage.first_pixels(job.config, job.images, stage, shown)
        if pixels is None
        else style_stage.enlarged(pixels, stage)
    )
    return style_stage.build(
        job.config,
        job.images,
        stage,
        shown,
        start,
        job.network,
        Division(plan.tile, plan.margin),
        job.device,
        plan.optimizer,
        plan.history,
    )


def start_of(job: Job, number: int) -> "StageStart":
    """Where the training of a size begins: after the epochs and steps of the smaller sizes."""
    from handloom.engine.loop import StageStart

    before = job.stages[:number]
    epochs = sum(stage.iterations // stage.epoch for stage in before)
    return StageStart(number, epochs, sum(stage.iterations for stage in before))
