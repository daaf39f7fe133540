"""The reference of an evaluator, and warnings that are printed once."""

import io
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from torch import Tensor

from handloom.engine.callbacks.journal import Journal
from handloom.engine.callbacks.progress import ProgressLine
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.errors import UserError
from handloom.jobs.gan.health import Reference, TrainingWarnings
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]


class Toy:
    """Counts calls."""

    def __init__(self) -> None:
        self.fitted, self.restored = 0, 0

    def fit(self) -> dict[str, Tensor]:
        self.fitted += 1
        return {"real": torch.arange(3.0)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        if "real" not in tensors:
            raise UserError("the reference belongs to another evaluator")
        self.restored += 1


class Diversity(Callback):
    """Writes a course of diversities into the records."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        record["valid/diversity"] = self.values[fit.progress.epoch - 1]


def test_fits_once_and_saves_the_reference(build: Build, tmp_path: Path) -> None:
    run, toy = RunDirectory(tmp_path), Toy()
    Fit(build(1), [Reference(run, toy)]).run()
    assert (toy.fitted, toy.restored) == (1, 0)
    Fit(build(1), [Reference(run, toy)]).run()
    assert (toy.fitted, toy.restored) == (1, 1)
    found = run.reference()
    assert found is not None
    assert torch.equal(found["real"], torch.arange(3.0))


def test_a_damaged_or_foreign_reference_is_fitted_again(build: Build, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    for damage in (b"nothing", None):
        toy, out = Toy(), io.StringIO()
        if damage is None:
            run.write_reference({"other": torch.zeros(1)})
        else:
            (tmp_path / "reference.safetensors").write_bytes(damage)
        Fit(build(1), [Reference(run, toy), ProgressLine(Console(file=out, width=200))]).run()
        assert toy.fitted == 1
        assert "fitted again" in out.getvalue()
        assert list(run.reference() or {}) == ["real"]


def test_a_warning_is_printed_once(build: Build, tmp_path: Path) -> None:
    run, out = RunDirectory(tmp_path), io.StringIO()
    course = Diversity(0.8, 0.7, 0.2, 0.1, 0.1, 0.1)

    def callbacks() -> list[Callback]:
        line = ProgressLine(Console(file=out, width=400))
        return [course, TrainingWarnings(run), Journal(run), line]

    Fit(build(4), callbacks()).run()
    assert out.getvalue().count("diversity fell to 10 %") == 1
    assert (
        out.getvalue()
        .splitlines()
        .index(next(line for line in out.getvalue().splitlines() if "diversity" in line))
        < len(out.getvalue().splitlines()) - 1
    )  # above the line of its epoch
    # A resumed run does not repeat it.
    fit = Fit(build(6), callbacks())
    fit.progress.epoch = 4
    fit.run()
    assert out.getvalue().count("diversity fell") == 1
