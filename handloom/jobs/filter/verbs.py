"""Evaluate a learned filter: what it leaves of the difference, beside the best there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from handloom.config import check
from handloom.jobs.filter.config import Config, EvaluateOptions
from handloom.jobs.filter.defaults import kernel_size
from handloom.jobs.filter.kernels import as_text
from handloom.jobs.filter.pair import EXACT, Aligned, align, read_pair
from handloom.jobs.training.places import options_of
from handloom.metrics.least_squares import least_squares
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    from handloom.jobs.filter.records import Evaluation, Record
    from handloom.jobs.loading import Loaded
    from handloom.models.image.linear_filter import LinearFilter

SHOWN = 1e-5  # least residual that is shown: what is smaller, threads and processors round apart
BETTER = 0.8  # of the residual, below which another kernel is worth a sentence


def evaluate(
    run: Loaded[Record], data: str | None = None, options: EvaluateOptions | None = None
) -> Evaluation:
    """What the filter leaves between its own two images, or between two others.

    Returns {"data", "pixels", "residual": root mean square of the difference, "largest": difference
    of a pixel, "explained": share of the target's variance, None where it has none,
    "least_squares": the residual of the best kernel of this size, "with_constant": that of the best
    with a constant, "undetermined": directions in which the kernel may change without a difference,
    "kernel": rows, of several channels
    [output][input] of them, "bias"}.
    """
    network, aligned = filter_of(run), pair_of(run, data, options)
    away = residual(network, aligned)
    numbers = aligned.counts.sum() * away.shape[1]
    mean_square = float(away.double().square().sum() / numbers)
    size = kernel_size(config_of(run))
    best = least_squares(*aligned, size, network.bias is not None)
    kernel = network.kernel.detach().cpu()
    return {
        "data": run.config["data"] if data is None else data,
        "pixels": aligned.pixels,
        "residual": mean_square**0.5,
        "largest": float(away.abs().max()),
        "explained": _explained(aligned, mean_square),
        "least_squares": best.mean_square**0.5,
        "with_constant": least_squares(*aligned, size, bias=True).mean_square ** 0.5,
        "undetermined": best.undetermined,
        "kernel": kernel.squeeze(0).squeeze(0).tolist() if len(kernel[0]) * len(kernel) == 1
        else kernel.tolist(),
        "bias": None if network.bias is None else network.bias.tolist(),
    }  # fmt: skip


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines: the kernel, its residual, and what is open."""
    kernel, bias = np.array(evaluation["kernel"], np.float32), evaluation["bias"]
    shown = as_text(kernel if kernel.ndim == 4 else kernel[None, None])
    constant = "" if bias is None else f" plus {', '.join(f'{value:.4g}' for value in bias)}"
    share = evaluation["explained"]
    explained = "" if share is None else f"; {percent(max(0.0, share))} of the variance explained"
    warnings, loose = list[str](), evaluation["undetermined"]
    if loose:
        warnings.append(f"the image leaves {pluralize(loose, 'direction')} of the kernel open")
    if is_better(evaluation["with_constant"], evaluation["least_squares"]) and bias is None:
        left = small(evaluation["with_constant"])
        warnings.append(f"with a constant (--bias) {left} would be left")
    return [
        f"kernel {shown}{constant}",
        f"residual {small(evaluation['residual'])} root mean square, "
        f"{small(evaluation['largest'])} at most (least squares "
        f"{small(evaluation['least_squares'])})"
        f"{explained}; {pluralize(evaluation['pixels'], 'pixel')}",
        *warnings,
    ]


def small(value: float) -> str:
    """A difference in three digits, as far as float32 can tell it from none."""
    return f"{value:.3g}" if value >= SHOWN else f"below {SHOWN:g}"


def is_better(other: float, residual: float) -> bool:
    """Whether another kernel's residual is so much smaller that it is worth a sentence."""
    return residual > EXACT and other < BETTER * residual


def config_of(run: Loaded[Record]) -> Config:
    """The options of the run, with files where they lie now."""
    return check(Config, options_of(run.directory, run.config))


def filter_of(run: Loaded[Record]) -> LinearFilter:
    """Its network, on the CPU, where float32 is float32."""
    return cast("LinearFilter", run.networks["filter"]).to("cpu")


def pair_of(
    run: Loaded[Record], data: str | None = None, options: EvaluateOptions | None = None
) -> Aligned:
    """Its own two images, or two others, as its kernel sees them."""
    config = config_of(run)
    target = config.target if data is None else options.target if options is not None else None
    pair = read_pair(run.data if data is None else data, target)
    assert config.mix_channels is not None
    assert config.cut_off is not None
    return align(pair, kernel_size(config), config.mix_channels, config.cut_off)


@torch.no_grad()
def residual(network: LinearFilter, aligned: Aligned) -> torch.Tensor:
    """filter(before) - after (N, O, H', W'), 0 for pixels that do not count."""
    away: torch.Tensor = (network(aligned.before) - aligned.after) * aligned.counts
    return away


def _explained(aligned: Aligned, mean_square: float) -> float | None:
    wanted = aligned.after.double()
    counts = aligned.counts.double().expand_as(wanted)
    mean = (wanted * counts).sum() / counts.sum()
    variance = float(((wanted - mean).square() * counts).sum() / counts.sum())
    return 1 - mean_square / variance if variance > 1e-12 else None
