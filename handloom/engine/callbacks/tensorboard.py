"""TensorBoard events beside the other files of a run."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from handloom.engine.loop import Callback, Fit
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    from torch import Tensor
    from torch.utils.tensorboard import SummaryWriter


class TensorBoard(Callback):
    """Every metric as a scalar, and loss and accuracies together in one custom chart.

    The package is imported at the end of the first epoch (0.1-0.5 s), not before the first
    batch. Whatever goes wrong here is a warning: logging never stops a run.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._writer: SummaryWriter | None = None
        self._broken = False
        self._charted = False
        self._purge: int | None = None

    def start(self, fit: Fit) -> None:
        self._purge = fit.progress.epoch + 1 if fit.progress.epoch else None

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        def write(writer: "SummaryWriter") -> None:
            if not self._charted:
                self._charted = True
                chart = [n for n in record if n.rpartition("/")[2] in ("loss", "accuracy")]
                layout = {"training": {"loss and accuracy": ["Multiline", chart]}}
                writer.add_custom_scalars(layout)
            for name, value in record.items():
                writer.add_scalar(name, value, fit.progress.epoch)

        self._try(write)

    def image(self, name: str, pixels: "Tensor", epoch: int) -> None:
        """One image, uint8 (H, W, C), at the epoch in which it was made."""
        self._try(lambda to: to.add_image(name, pixels.numpy(), epoch, dataformats="HWC"))

    def close(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.close()  # its file and its thread, also after an error
        except Exception as error:
            if self._broken:
                return
            warnings.warn(f"TensorBoard's last events are lost: {error}", stacklevel=1)

    def _try(self, write: Callable[["SummaryWriter"], None]) -> None:
        if self._broken:
            return
        try:
            write(self._writer or self._open())
        except Exception as error:
            self._broken = True
            warnings.warn(f"TensorBoard is off for this run: {error}", stacklevel=1)

    def _open(self) -> "SummaryWriter":
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self.run.path), purge_step=self._purge)
        return self._writer
