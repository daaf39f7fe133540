"""metrics.jsonl: a line an epoch, cut back when a run goes on."""

from collections.abc import Callable

from handloom.engine import checkpoint
from handloom.engine.callbacks.clock import StopAfter
from handloom.engine.callbacks.journal import Journal
from handloom.engine.loop import Experiment, Fit
from handloom.runs.directory import RunDirectory


def test_a_line_an_epoch(build: Callable[..., Experiment], run: RunDirectory) -> None:
    Fit(build(3), [Journal(run)]).run()
    lines = run.metrics()
    assert [(line["epoch"], line["step"]) for line in lines] == [(1, 4), (2, 8), (3, 12)]
    assert {"seconds", "samples_per_second", "train/loss", "valid/accuracy"} <= lines[0].keys()
    assert lines[0]["seconds"] <= lines[1]["seconds"] <= lines[2]["seconds"]
    assert all(line["samples_per_second"] > 0 for line in lines)


def test_lines_after_the_checkpoint_are_forgotten(
    build: Callable[..., Experiment], run: RunDirectory
) -> None:
    first = Fit(build(2), [Journal(run)])
    first.run()
    run.append_metrics({"epoch": 3, "left": "from a run that was killed"})
    second = Fit(build(4), [Journal(run)])
    checkpoint.put(second, *checkpoint.take(first))
    second.run()
    assert [line["epoch"] for line in run.metrics()] == [1, 2, 3, 4]
    assert not any("left" in line for line in run.metrics())


def test_stop_after_some_seconds(build: Callable[..., Experiment]) -> None:
    progress = Fit(build(1000), [StopAfter(0.0)]).run()
    assert progress.step == 1
    assert progress.stop == "0 seconds are over"
