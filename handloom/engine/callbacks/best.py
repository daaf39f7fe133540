"""Keep the best weights, and stop when they no longer improve."""

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from handloom.engine import checkpoint
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.runs.directory import RunDirectory


@dataclass
class BestEpoch:
    """The best epoch by the metric that is monitored; without one, the last.

    Of epochs with the same value, which few images make likely, the one with the lower loss is the
    best. Any number is better than a metric that was undefined. Values of two metrics do not
    compare: where a later stage monitors another, the best begins anew with its first epoch.
    """

    monitor: str | None = None
    value: float | None = None
    loss: float | None = None
    epoch: int = 0

    def update(self, experiment: Experiment, epoch: int, record: dict[str, float]) -> bool:
        """Take `epoch`, with its line of metrics, if it is the best so far; whether it is."""
        monitor = experiment.monitor
        if monitor is None:
            self.monitor, self.value, self.loss, self.epoch = None, None, None, epoch
            return True
        if monitor not in record:  # not evaluated
            return False
        value, loss = record[monitor], record.get(f"{monitor.partition('/')[0]}/loss")
        if monitor == self.monitor and not self._is_better(value, loss, experiment):
            return False
        self.monitor, self.value, self.loss, self.epoch = monitor, value, loss, epoch
        return True

    def _is_better(self, value: float, loss: float | None, experiment: Experiment) -> bool:
        if self.value is None or self.value != self.value:
            return self.value is None or value == value
        if value == self.value and loss is not None and self.loss is not None:
            return loss < self.loss
        return value < self.value if experiment.lower_is_better else value > self.value


class KeepBest(Callback):
    """Saves the networks of the best epoch.

    Weights are copied in memory at a new best and written with the next checkpoint and at the end,
    so that fast epochs do not wait for the disk. Nothing is lost by that: a killed run repeats its
    last epochs from the checkpoint, and finds the same best.
    patience: epochs of a stage without a new best after which it ends early, or None.
    """

    def __init__(self, run: RunDirectory, patience: int | None = None) -> None:
        self.run, self.patience = run, patience
        self.best = BestEpoch()
        self._weights: dict[str, dict[str, Tensor]] | None = None

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        experiment, epoch = fit.experiment, fit.progress.epoch
        if self.best.update(experiment, epoch, record):
            self._weights = None if experiment.monitor is None else _copied(fit)
            return
        since = max(self.best.epoch, fit.start.epoch)  # every stage has all of the patience
        is_evaluated = experiment.monitor in record
        if self.patience is not None and is_evaluated and epoch - since >= self.patience:
            fit.progress.stop = f"no better {experiment.monitor} for {self.patience} epochs"

    def flush(self, fit: Fit) -> None:
        """Write the best weights, if they are not on disk yet."""
        if fit.experiment.monitor is None:
            self.run.write_networks(_copied(fit))
        elif self._weights is not None:
            self.run.write_networks(self._weights)
            self._weights = None

    def finish(self, fit: Fit) -> None:
        if checkpoint.healthy(fit):  # a state with NaN replaces nothing
            self.flush(fit)

    def state(self) -> dict[str, Any]:
        return asdict(self.best)

    def load(self, state: dict[str, Any]) -> None:
        self.best = BestEpoch(**state)


def _copied(fit: Fit) -> dict[str, dict[str, Tensor]]:
    return {
        name: {key: tensor.detach().clone() for key, tensor in network.state_dict().items()}
        for name, network in fit.experiment.networks.items()
    }
