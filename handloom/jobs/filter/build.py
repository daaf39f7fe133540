"""A learned filter: the data, the options that are left open, and the training."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from handloom.errors import UserError
from handloom.jobs.filter.config import TUTORIAL, Config, Resolved
from handloom.jobs.filter.pair import EXACT, Aligned, Pair, align, read_pair
from handloom.jobs.options import fill
from handloom.jobs.stage import Built, Record, single

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.io.progress import ReportProgress
    from handloom.engine.optim import Optimizer
    from handloom.models.image.linear_filter import LinearFilter

EPOCHS = {"lbfgs": 400, "sgd": 1_000}
CLOSE = 1.0001  # times the loss of least squares, at which a training has converged
ENOUGH = 10  # pixels for each number of a kernel, below which none is dropped


def load(config: Config, data: str, report: ReportProgress) -> Pair:
    """Read both images."""
    return read_pair(data, config.target)


def resolve(config: Config, data: Pair) -> Resolved:
    """Choose the options that were not given, for the sizes and the colours of both images."""
    if config.preset is not None:
        config = fill(Config, config, TUTORIAL)
    size, mix = _kernel_size(config, data), _mixes(config, data)
    optimizer = config.optimizer or "lbfgs"
    cut_off = config.cut_off or _cut_off(data, size, mix)
    lr = config.lr
    if lr is None:
        aligned = align(data, size, mix, cut_off)
        lr = 1.0 if optimizer == "lbfgs" else _safe_lr(config, aligned, size)
    chosen = {"kernel_size": f"{size[0]}x{size[1]}", "mix_channels": mix, "cut_off": cut_off}
    chosen |= {"optimizer": optimizer, "lr": lr, "reduction": "mean", "epochs": EPOCHS[optimizer]}
    if config.precision == "auto":  # the residual is of interest to its last digits
        config = replace(config, precision="float32")
    return fill(Resolved, config, chosen)


def build(config: Resolved, data: Pair, device: torch.device) -> Built:
    """The filter, its objective, and batches that hold the whole image."""
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.jobs.filter.converged import Converged
    from handloom.objectives.filtering import FilterFit

    size = kernel_size(config)
    aligned = align(data, size, config.mix_channels, config.cut_off)
    fields = aligned._asdict()
    loader = InMemoryLoader(fields, len(aligned.before), device, shuffle=False)
    record = _record(config, data, aligned)
    network = cast("LinearFilter", networks(record)["filter"]).to(device)
    if config.start is not None:
        _begin(config.start, network)
    experiment = Experiment(
        objective=FilterFit(network, config.reduction),
        train=loader,
        optimizers={"filter": _optimizer(config, network)},
        epochs=config.epochs,
        networks={"filter": network},
        precision=Precision.resolve(device, config.precision),
        evaluations={"image": loader},  # after the step, which a step's own loss is not
        monitor="image/loss",
        lower_is_better=True,
    )
    wanted = CLOSE * _least_loss(config, aligned)
    return Built(
        single(experiment, [lambda run: Converged(wanted)]), record, _notes(data, aligned, config)
    )


def networks(record: Record) -> dict[str, nn.Module]:
    """The filter of a run, from its config.json."""
    from handloom.models.image.linear_filter import LinearFilter

    return {"filter": LinearFilter(**record["filter"])}


def kernel_size(config: Config) -> tuple[int, int]:
    """Rows and columns; raises UserError for what is not written as 1x2."""
    match = re.fullmatch(r"([1-9]\d?)x([1-9]\d?)", str(config.kernel_size))
    if match is None:
        raise UserError(
            f"--kernel-size {config.kernel_size}: must be rows x columns, up to 99, as in 1x2"
        )
    return int(match[1]), int(match[2])


def _kernel_size(config: Config, data: Pair) -> tuple[int, int]:
    """What was given, or what turns the one size into the other; 3x3 where they are the same."""
    (height, width), (rows, columns) = data.sizes
    fitting = (height - rows + 1, width - columns + 1)
    size = (3, 3) if fitting == (1, 1) else fitting
    if config.kernel_size is not None:
        size = kernel_size(config)
    if size[0] > height or size[1] > width:
        raise UserError(
            f"a kernel of {size[0]}x{size[1]} is larger than the image, {height}x{width} "
            "(rows x columns): give a smaller --kernel-size"
        )
    if fitting not in ((1, 1), size) or min(fitting) < 1:
        raise UserError(
            f"the image is {height}x{width} and the target {rows}x{columns} (rows x columns): the "
            f"target of a kernel of {config.kernel_size or 'any size'} must be as large, or "
            "smaller by the kernel less one"
        )
    return size


def _mixes(config: Config, data: Pair) -> bool:
    """Whether colours are mixed: they are where the images have different numbers of them."""
    before, after = len(data.before.values), len(data.after.values)
    if config.mix_channels is False and before != after:
        raise UserError(
            f"the image has {before} and the target {after} channels, which a kernel for each "
            "channel cannot do: leave out --no-mix-channels"
        )
    return before != after if config.mix_channels is None else config.mix_channels


def _cut_off(data: Pair, size: tuple[int, int], mix: bool) -> str:
    """Drop pixels of an image file that may be cut off, if enough of others are left."""
    if not data.after.is_image:
        return "keep"
    left = align(data, size, mix, "drop").pixels
    return "drop" if left >= ENOUGH * size[0] * size[1] * len(data.before.values) else "keep"


def _safe_lr(config: Config, aligned: Aligned, size: tuple[int, int]) -> float:
    """1 / the largest eigenvalue of the Hessian: no direction overshoots."""
    from handloom.metrics.least_squares import least_squares

    largest = float(least_squares(*aligned, size, config.bias).eigenvalues[-1])
    if config.reduction == "sum":
        largest *= aligned.pixels * aligned.after.shape[1]
    return 1 / max(largest, 1e-12)


def _least_loss(config: Resolved, aligned: Aligned) -> float:
    """The loss of the best kernel, or one that float32 cannot tell from none."""
    from handloom.metrics.least_squares import least_squares

    best = least_squares(*aligned, kernel_size(config), config.bias).mean_square
    numbers = aligned.pixels * aligned.after.shape[1] if config.reduction == "sum" else 1
    return max(best, EXACT**2) * numbers


def _begin(start: str, network: LinearFilter) -> None:
    """Begin with the kernel that is given."""
    from handloom.jobs.filter.kernels import find_kernel

    kernel = find_kernel(start).kernel
    if kernel.shape != network.kernel.shape:
        raise UserError(
            f"--start {start}: its shape is {tuple(kernel.shape)}, and that of the kernel "
            f"to be learned {tuple(network.kernel.shape)}"
        )
    network.kernel.data.copy_(kernel)


def _optimizer(config: Resolved, network: LinearFilter) -> Optimizer:
    from handloom.engine.lbfgs import LBFGS
    from handloom.engine.optim import SGD

    parameters = list(network.parameters())
    if config.optimizer == "sgd":
        return SGD(parameters, config.lr)
    return LBFGS(parameters, config.lr, history=20)


def _record(config: Resolved, data: Pair, aligned: Aligned) -> Record:
    height, width = kernel_size(config)
    inputs, outputs = aligned.before.shape[1], aligned.after.shape[1]
    return {
        "filter": {"inputs": inputs, "outputs": outputs, "height": height, "width": width}
        | {"bias": config.bias},
        "sizes": {"before": data.sizes[0], "after": data.sizes[1]},
        "pixels": aligned.pixels,
        "fingerprint": data.digest,
    }


def _notes(data: Pair, aligned: Aligned, config: Resolved) -> list[str]:
    """What was read, and which pixels do not count."""
    notes = [*data.before.notes, *data.after.notes]
    outputs, inputs = aligned.after.shape[1], aligned.before.shape[1]
    kinds = f"{outputs} x {inputs} kernels" if outputs * inputs > 1 else "a kernel"
    notes.append(f"{kinds} of {config.kernel_size}, on {aligned.pixels:,} pixels")
    dropped = aligned.counts.numel() - aligned.pixels
    if dropped:
        notes.append(
            f"left out: {dropped:,} black or white pixels of the target, where 8 bits may have "
            "cut off what is below 0 or above 1 (--cut-off keep counts them)"
        )
    return notes
