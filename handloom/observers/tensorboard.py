"""TensorBoard events beside the other files of a run."""

import warnings
from typing import TYPE_CHECKING

from handloom.engine.loop import Fit, Observer
from handloom.runs import RunDirectory

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class TensorBoard(Observer):
    """Every metric as a scalar, and loss and accuracies together in one custom chart.

    The package is imported at the end of the first epoch (0.1-0.5 s), not before the first
    batch. Whatever goes wrong here is a warning: logging never stops a run.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._writer: SummaryWriter | None = None
        self._broken = False
        self._purge: int | None = None

    def start(self, fit: Fit) -> None:
        self._purge = fit.progress.epoch + 1 if fit.progress.epoch else None

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if self._broken:
            return
        try:
            writer = self._writer or self._open(record)
            for name, value in record.items():
                writer.add_scalar(name, value, fit.progress.epoch)
        except Exception as error:
            self._broken = True
            warnings.warn(f"TensorBoard is off for this run: {error}", stacklevel=1)

    def finish(self, fit: Fit) -> None:
        if self._writer is None or self._broken:
            return
        try:
            self._writer.close()
        except Exception as error:
            warnings.warn(f"TensorBoard's last events are lost: {error}", stacklevel=1)

    def _open(self, record: dict[str, float]) -> "SummaryWriter":
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self.run.path), purge_step=self._purge)
        chart = [n for n in record if n.rpartition("/")[2] in ("loss", "accuracy")]
        self._writer.add_custom_scalars({"training": {"loss and accuracy": ["Multiline", chart]}})
        return self._writer
