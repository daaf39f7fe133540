"""The whole state of a training as named tensors and numbers, for an exact resume."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from handloom.engine.loop import Callback, Fit, StageStart
from handloom.engine.objective import finite, held_buffers


def take(fit: Fit) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors (weights, every buffer, optimizers, running means, generators) and JSON numbers.

    The tensors are the live ones: write them before the next step.
    """
    tensors = {f"objective/{name}": tensor for name, tensor in _weights(fit).items()}
    for step in fit.steps:
        name = step.phase.name
        tensors |= {f"optimizer/{name}/{k}": v for k, v in step.optimizer.state().items()}
        tensors |= {f"means/{name}/{k}": v for k, v in step.totals.items()}
    tensors |= _generators(fit.experiment.precision.device)
    progress = fit.progress
    return tensors, {
        "stage": asdict(fit.start),
        "complete": fit.is_complete,
        "stop": progress.stop,
        "epoch": progress.epoch,
        "step": progress.step,
        "within": progress.within,
        "seconds": progress.seconds,
        "samples": progress.samples,
        "calls": {step.phase.name: step.calls for step in fit.steps},
        "callbacks": {name: state for name, c in _named(fit.callbacks) if (state := c.state())},
    }


def stage_start(numbers: dict[str, Any]) -> StageStart:
    """The stage a checkpoint belongs to, from its JSON numbers: the one to build and resume."""
    return StageStart(**numbers["stage"])


@torch.no_grad()
def put(fit: Fit, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
    """Bring a freshly built `fit` of the same stage to the state that `take` saw.

    Raises KeyError or RuntimeError where the checkpoint is of another network.
    """
    fit.start = stage_start(numbers)
    for name, tensor in _weights(fit).items():
        tensor.copy_(tensors[f"objective/{name}"])
    for step in fit.steps:
        name = step.phase.name
        step.optimizer.load(_under(tensors, f"optimizer/{name}/"))
        device = fit.experiment.precision.device
        means = _under(tensors, f"means/{name}/")
        step.totals = {k: v.to(device, copy=True) for k, v in means.items()}
        step.calls = numbers["calls"][name]
    for name, callback in _named(fit.callbacks):
        callback.load(numbers["callbacks"].get(name, {}))
    progress = fit.progress
    progress.epoch, progress.step, progress.within, progress.stop = (
        numbers[k] for k in ("epoch", "step", "within", "stop")
    )
    progress.seconds, progress.samples = numbers["seconds"], numbers["samples"]
    torch.set_rng_state(tensors["generator/cpu"])
    kind = fit.experiment.precision.device.type
    if kind == "cuda" and "generator/cuda" in tensors:
        torch.cuda.set_rng_state(tensors["generator/cuda"], fit.experiment.precision.device)
    elif kind == "mps" and "generator/mps" in tensors:
        torch.mps.set_rng_state(tensors["generator/mps"])


def healthy(fit: Fit) -> bool:
    """Whether every weight is a finite number: only such a state may replace an older one."""
    return finite(list(_weights(fit).values()))


def _generators(device: torch.device) -> dict[str, Tensor]:
    states = {"generator/cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["generator/cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["generator/mps"] = torch.mps.get_rng_state()
    return states


def _named(callbacks: list[Callback]) -> Iterator[tuple[str, Callback]]:
    """Callbacks by class; the second of a class is "Class 2"."""
    seen: dict[str, int] = {}
    for callback in callbacks:
        name = type(callback).__name__
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} {seen[name]}", callback


def _weights(fit: Fit) -> dict[str, Tensor]:
    objective = fit.experiment.objective
    return dict(objective.named_parameters()) | held_buffers(objective)


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
