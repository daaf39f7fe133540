"""Style transfer: a photo with the strokes and colours of paintings, from small to large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.defaults import defaults
from handloom.jobs.stylize.images import StyleImages, mask_paths, open_images
from handloom.jobs.stylize.loss import weights
from handloom.jobs.stylize.sizes import Size, check_sizes, sizes
from handloom.jobs.training.stage import Built, MakeCallback, Stage
from handloom.wording import join_and

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.engine.loop import Callback
    from handloom.jobs.stylize.memory import Plan
    from handloom.jobs.stylize.records import NetworkRecord, PlanRecord, Record, SizeRecord
    from handloom.jobs.stylize.transfer import Transfer
    from handloom.runs.directory import RunDirectory
    from handloom.runs.records import Options

FRAMES, FRAMES_OF_REPORT = 60, 8


@dataclass(frozen=True)
class StyleData:
    """What `load` reads: the images, and the network with what config.json holds of it."""

    images: StyleImages
    network: Any
    record: NetworkRecord


def load(config: Config, data: str, report: ReportProgress) -> StyleData:
    """Open the images and read the feature network; nothing is written yet."""
    import torch

    from handloom.data.images.photo import check_frames, check_writable
    from handloom.engine.precision import Precision, pick_device
    from handloom.jobs.stylize.network import network

    _check_preset(config)
    check_writable(Path(config.out))
    if config.frames is not None:
        check_frames(Path(config.frames))
    images = open_images(config, Path(data))
    dtype = Precision.resolve(pick_device(config.device), config.precision).dtype
    return StyleData(images, *network(config, dtype or torch.float32, report))


def _check_preset(config: Config) -> None:
    if config.preset == "tutorial" and config.network == "random":
        raise UserError("the tutorial reads VGG-19: leave out --preset, or --network random")
    if config.preset == "tutorial" and config.strength is not None:
        raise UserError(
            "--strength is not available with --preset tutorial, which has its own weights: "
            "give --style-weight"
        )


def resolve(config: Config, data: StyleData) -> Config:
    """Choose what was left open; paths become absolute, so that a run resumes from any folder."""
    from handloom.jobs.stylize import memory

    record = data.record
    config = replace(
        config,
        network=record["name"],
        weights=record["weights"],
        precision=record["precision"],
    )
    still_open: Options = {k: v for k, v in defaults(config).items() if asdict(config)[k] is None}
    colors = config.colors or ("luminance" if config.keep_colors else "painting")
    config = replace(config, **still_open, colors=colors, memory_in_use=memory.in_use())
    steps = sum(size.iterations for size in sizes(config, data.images))
    frames = FRAMES_OF_REPORT if config.frames is None else FRAMES
    every = config.frame_every or max(1, steps // frames)
    return _absolute(replace(config, frame_every=every))


def _absolute(config: Config) -> Config:
    whole: Callable[[str | Path], str] = lambda name: str(Path(name).resolve())
    return replace(
        config,
        paintings=tuple(whole(name) for name in config.paintings),
        out=whole(config.out),
        frames=None if config.frames is None else whole(config.frames),
        start=config.start if config.start in ("photo", "noise") else whole(config.start),
        masks=",".join(whole(path) for path in mask_paths(config)) or None,
    )


def build(config: Config, data: StyleData, device: torch.device) -> Built:
    """One stage for each size."""
    from handloom.engine.precision import Precision
    from handloom.jobs.stylize import memory
    from handloom.jobs.stylize.transfer import Transfer

    network, layers = data.network.to(device), weights(config).all_layers
    planned = sizes(config, data.images)
    check_sizes(planned, data.images, network.smallest(layers))
    plans = [memory.plan_size(config, size.height, size.width, network, layers) for size in planned]
    precision = Precision.resolve(device, config.precision)
    transfer = Transfer(config, data.images, network, precision, planned, plans)
    stages = [
        Stage(
            size.name,
            size.epochs,
            partial(transfer.experiment, number),
            _callbacks(transfer),
            work=size.steps * size.height * size.width,
            remedy="--precision float32 or a smaller --style-weight",
        )
        for number, size in enumerate(planned)
    ]
    return Built(stages, _record(config, data, planned, plans), _notes(data, planned, plans))


def _callbacks(transfer: Transfer) -> list[MakeCallback]:
    from handloom.jobs.stylize.callbacks import Frames, Preview
    from handloom.jobs.stylize.tensors import shown
    from handloom.jobs.stylize.transfer import result

    config, images = transfer.config, transfer.images

    def view(image: nn.Module) -> torch.Tensor:
        return shown(config, result(image), images)

    def preview(run: RunDirectory) -> Callback:
        return Preview(run.path / "preview.jpg", view)

    def frames(run: RunDirectory) -> Callback:
        assert config.frame_every is not None
        return Frames(run.path / "samples", view, config.frame_every)

    return [preview, frames]


def _record(config: Config, data: StyleData, planned: list[Size], plans: list[Plan]) -> Record:
    final = planned[-1]
    return {
        "loss": asdict(weights(config)),
        "network": data.record,
        "sizes": [_size(size, plan) for size, plan in zip(planned, plans, strict=True)],
        "preprocessing": {
            "size": [final.height, final.width],
            "channels": 1 if config.colors == "luminance" else 3,
        },
        "fingerprint": f"{data.images.digest} {data.record['digest'] or ''}".strip(),
    }


def _size(size: Size, plan: Plan) -> SizeRecord:
    return {
        "height": size.height,
        "width": size.width,
        "iterations": size.iterations,
        "plan": cast("PlanRecord", asdict(plan)),
    }


def _notes(data: StyleData, planned: list[Size], plans: list[Plan]) -> list[str]:
    """Which network, which sizes, and how much memory."""
    plan, record = plans[-1], data.record
    counts = join_and([f"{size.name} ({size.iterations})" for size in planned])
    history = f" with a history of {plan.history}" if plan.history else ""
    tiles = f" in tiles of {plan.tile} with a margin of {plan.margin}" if plan.tile else ""
    return [
        *data.images.notes,
        f"features of {record['title']}{record['hint']}",
        f"sizes and evaluations: {counts}; {plan.optimizer}{history}{tiles}, about "
        f"{plan.needs / 2**30:.1f} GB",
    ]


def networks(record: Record) -> dict[str, nn.Module]:
    """The image of a finished run, as a network with one tensor, `pixels`."""
    import torch
    from torch import nn

    shape = record["preprocessing"]
    return {
        "image": nn.ParameterDict({"pixels": torch.zeros(1, shape["channels"], *shape["size"])})
    }
