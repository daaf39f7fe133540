"""What turns an image into a vector: a finished run, or an encoder by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from handloom.errors import UserError
from handloom.wording import join_or, with_article

if TYPE_CHECKING:
    from torch import nn

    from handloom.data.images.reading import Preprocessing
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder
    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.loading import Loaded

SEEN: tuple[
    Literal["size", "channels", "fit", "background", "levels", "crop", "interpolation"], ...
] = ("size", "channels", "fit", "background", "levels", "crop", "interpolation")


def find_encoder(
    spec: str | Path,
    weights: Path | None = None,
    device: str = "auto",
    report: ReportProgress | None = None,
) -> Encoder:
    """The encoder that `spec` names: a run directory, "pixels", "timm:NAME", "torchvision:NAME",
    "clip:NAME" or a folder that open_clip saved.

    weights: a file of them, for the networks of libraries. report: called while published
    weights are downloaded. Raises UserError, and its kind WeightsAbsent, as `encoders.find` does;
    and for a run of a job that has no vectors of images.
    """
    if is_run(spec):
        if weights is not None:
            raise UserError(f"the run {spec} has weights of its own: leave --weights out")
        return _of_run(Path(spec), device)
    from handloom import encoders
    from handloom.engine.precision import pick_device

    return encoders.find(str(spec), weights, pick_device(device), report=report)


def is_run(spec: str | Path) -> bool:
    """Whether a name means a run directory: a folder that is there, or anything with a slash.

    A folder that open_clip saved is not a run.
    """
    from handloom.encoders.names import is_clip_folder

    path = Path(spec)
    has_source = ":" in str(spec).split("/")[0]
    if is_clip_folder(path):
        return False
    return path.is_dir() or (not has_source and len(path.parts) > 1)


def run_encoder(run: Loaded[ImageRecord], network: nn.Module) -> Encoder:
    """A network of a run as an encoder: image (B, C, H, W) in [0, 1] to (B, D)."""
    import torch

    from handloom.encoders import Encoder
    from handloom.encoders.encoder import fingerprint

    kept = run.config["preprocessing"]
    seen = {name: kept[name] for name in SEEN if name in kept}
    preprocessing = cast("Preprocessing", seen)
    network = network.eval()
    with torch.no_grad():
        shape = (1, preprocessing["channels"], *preprocessing["size"])
        width = network(torch.zeros(shape, device=run.device)).shape[1]
    name = f"{run.job.name} {network}"  # with its layers
    return Encoder(
        spec=str(run.directory.path),
        width=int(width),
        preprocessing=preprocessing,
        fingerprint=fingerprint(name, preprocessing, network.state_dict()),
        network=network,
        precision=run.precision,
        weights=str(run.directory.path),
    )


def _of_run(path: Path, device: str) -> Encoder:
    from handloom.jobs import JOBS, find_job
    from handloom.jobs.loading import load

    run = load(path, device)
    if run.job.encoder is None:
        able = [name for name in JOBS if find_job(name).encoder is not None]
        raise UserError(
            f"{path} is {with_article(run.job.name)} run, which has no vectors of images: give a "
            f"run of {join_or(able)}, or the name of an encoder"
        )
    encoder: Encoder = run.job.encoder(run)
    return encoder
