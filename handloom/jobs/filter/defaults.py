"""What the options of a filter are when they are left out, for two images."""

from __future__ import annotations

import re
from dataclasses import replace

from handloom.errors import UserError
from handloom.jobs.filter.config import TUTORIAL, Config, Resolved
from handloom.jobs.filter.pair import Aligned, Pair, align
from handloom.jobs.options import fill
from handloom.runs.records import Options
from handloom.wording import pluralize

EPOCHS = {"lbfgs": 400, "sgd": 1_000}
MOST_NUMBERS = 2_048
ENOUGH = 10  # pixels for each number of a kernel, below which none is dropped


def resolve(config: Config, data: Pair) -> Resolved:
    """Choose the options that were not given, for the sizes and the colours of both images."""
    if config.preset is not None:
        config = fill(Config, config, _tutorial(config))
    size, mix = _kernel_size(config, data), _mixes(config, data)
    _check_numbers(size, len(data.before.values) if mix else 1)
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


def _tutorial(config: Config) -> Options:
    """What the tutorial has; of another optimizer than its own not the rate and the epochs, which
    are sgd's: L-BFGS with a rate of 0.03 hardly moves."""
    if config.optimizer in (None, TUTORIAL["optimizer"]):
        return TUTORIAL
    return {name: value for name, value in TUTORIAL.items() if name not in ("lr", "epochs")}


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
            "smaller by the size of the kernel minus 1"
        )
    return size


def _check_numbers(size: tuple[int, int], channels: int) -> None:
    """Least squares needs a matrix of the kernel's numbers by themselves, and its eigenvectors."""
    numbers = channels * size[0] * size[1]
    if numbers > MOST_NUMBERS:
        raise UserError(
            f"a kernel of {size[0]}x{size[1]} over {pluralize(channels, 'channel')} has "
            f"{numbers:,} numbers: at most {MOST_NUMBERS:,} can be learned"
        )


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
