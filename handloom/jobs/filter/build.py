"""A learned filter: the data, the training, and the network of a finished run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from handloom.errors import UserError
from handloom.jobs.filter.config import Config, Resolved
from handloom.jobs.filter.defaults import kernel_size
from handloom.jobs.filter.pair import EXACT, Aligned, Pair, align, read_pair
from handloom.jobs.training.stage import Built, single
from handloom.wording import pluralize

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.io.progress import ReportProgress
    from handloom.engine.optim import Optimizer
    from handloom.jobs.filter.records import Record
    from handloom.models.image.linear_filter import LinearFilter

CLOSE = 1.0001  # times the loss of least squares, at which a training has converged


def load(config: Config, data: str, report: ReportProgress) -> Pair:
    """Read both images."""
    return read_pair(data, config.target)


def build(config: Resolved, data: Pair, device: torch.device) -> Built:
    """The filter, its objective, and batches that hold the whole image."""
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.jobs.filter.converged import Converged
    from handloom.objectives.filtering import FilterFit

    size = kernel_size(config)
    aligned = align(data, size, config.mix_channels, config.cut_off)
    if not aligned.pixels:
        raise UserError(
            "all pixels of the target are black or white, and --cut-off drop leaves them out: "
            "give --cut-off keep"
        )
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
        "filter": {
            "inputs": inputs,
            "outputs": outputs,
            "height": height,
            "width": width,
            "bias": config.bias,
        },
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
            f"left out: {pluralize(dropped, 'black or white pixel')} of the target, where 8 bits "
            "may have cut off what is below 0 or above 1 (--cut-off keep counts them)"
        )
    return notes
