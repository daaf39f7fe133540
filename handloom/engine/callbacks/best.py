"""Keep the best weights, and stop when they no longer improve."""

from typing import Any

from torch import Tensor

from handloom.engine import checkpoint
from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory


class KeepBest(Callback):
    """Saves the networks of the best epoch; without a metric, those of the last.

    Of epochs with the same value of the metric, which few images make likely, the one with the
    lower loss is the best. Weights are copied in memory at a new best and written with the next
    checkpoint and at the end, so that fast epochs do not wait for the disk. Nothing is lost by
    that: a killed run repeats its last epochs from the checkpoint, and finds the same best.
    patience: epochs without a new best after which the run stops early, or None.
    """

    def __init__(self, run: RunDirectory, patience: int | None = None) -> None:
        self.run, self.patience = run, patience
        self.best: float | None = None
        self.best_loss: float | None = None
        self.best_epoch = 0
        self._weights: dict[str, dict[str, Tensor]] | None = None

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        experiment, epoch = fit.experiment, fit.progress.epoch
        if experiment.monitor is None:
            self.best_epoch = epoch
        elif experiment.monitor in record:
            value = record[experiment.monitor]
            loss = record.get(f"{experiment.monitor.partition('/')[0]}/loss")
            if not self._is_better(value, loss, experiment.lower_is_better):
                if self.patience is not None and epoch - self.best_epoch >= self.patience:
                    fit.progress.stop = f"no better {experiment.monitor} for {self.patience} epochs"
                return
            self.best, self.best_loss, self.best_epoch = value, loss, epoch
            self._weights = _copied(fit)

    def _is_better(self, value: float, loss: float | None, lower_is_better: bool) -> bool:
        if self.best is None:
            return True
        if value == self.best and loss is not None and self.best_loss is not None:
            return loss < self.best_loss
        return _better(value, self.best, lower_is_better)

    def flush(self, fit: Fit) -> None:
        """Write the best weights, if they are not on disk yet."""
        if fit.experiment.monitor is None:
            self.run.write_networks(_copied(fit))
        elif self._weights is not None:
            self.run.write_networks(self._weights)
            self._weights = None

    def finish(self, fit: Fit) -> None:
        if checkpoint.healthy(fit):  # what is no number replaces nothing
            self.flush(fit)

    def state(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "best_loss": self.best_loss,
            "best_epoch": self.best_epoch,
        }

    def load(self, state: dict[str, Any]) -> None:
        self.best, self.best_loss = state.get("best"), state.get("best_loss")
        self.best_epoch = state.get("best_epoch", 0)


def _better(value: float, best: float, lower_is_better: bool) -> bool:
    if best != best:  # a metric that was undefined at first
        return value == value
    return value < best if lower_is_better else value > best


def _copied(fit: Fit) -> dict[str, dict[str, Tensor]]:
    return {
        name: {key: tensor.detach().clone() for key, tensor in network.state_dict().items()}
        for name, network in fit.experiment.networks.items()
    }
