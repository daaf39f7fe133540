"""TensorBoard: written where it can be, and never in the way."""

import sys
import threading
from collections.abc import Callable

import pytest

from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]


@pytest.mark.filterwarnings("default")  # what tensorboard's own imports deprecate
def test_scalars_are_readable(build: Build, run: RunDirectory) -> None:
    pytest.importorskip("tensorboard")
    Fit(build(3), [TensorBoard(run)]).run()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(run.path))
    found.Reload()
    assert {"train/loss", "valid/accuracy"} <= set(found.Tags()["scalars"])
    assert [event.step for event in found.Scalars("train/loss")] == [1, 2, 3]


def test_without_the_package_a_warning_and_a_whole_run(
    build: Build, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.warns(UserWarning, match="TensorBoard is off for this run") as caught:
        assert Fit(build(3), [TensorBoard(run)]).run().epoch == 3
    assert len(caught) == 1


@pytest.mark.filterwarnings("default")
def test_its_file_is_closed_after_an_error(build: Build, run: RunDirectory) -> None:
    pytest.importorskip("tensorboard")

    class Fault(Callback):
        def epoch(self, fit: Fit, record: dict[str, float]) -> None:
            raise ArithmeticError

    watch, before = TensorBoard(run), set(threading.enumerate())
    with pytest.raises(ArithmeticError):
        Fit(build(3), [watch, Fault()]).run()
    assert watch._writer is not None
    assert watch._writer.all_writers is None
    assert set(threading.enumerate()) <= before


class Full:
    """A writer on a full disk."""

    def __init__(self, fails: str) -> None:
        self.fails = fails

    def add_custom_scalars(self, *_: object) -> None:
        pass

    def add_scalar(self, *_: object) -> None:
        if self.fails == "add_scalar":
            raise OSError("no space")

    def close(self) -> None:
        raise OSError("no space")


@pytest.mark.parametrize("fails", ["add_scalar", "close"])
def test_a_full_disk_is_a_warning(build: Build, run: RunDirectory, fails: str) -> None:
    watch = TensorBoard(run)
    watch._writer = Full(fails)  # type: ignore[assignment]
    with pytest.warns(UserWarning, match="TensorBoard.*no space"):
        assert Fit(build(2), [watch]).run().epoch == 2
