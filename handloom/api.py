"""The verbs in Python: the same names and defaults as on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.runs import RunDirectory
from handloom.verbs import find

if TYPE_CHECKING:
    from handloom.load import Loaded


@dataclass(frozen=True)
class Run:
    """A run directory, and what can be done with it."""

    path: Path

    @property
    def config(self) -> dict[str, Any]:
        """config.json."""
        return RunDirectory.open(self.path).config()

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """One record an epoch."""
        return RunDirectory.open(self.path).metrics()

    @cached_property
    def loaded(self) -> Loaded:
        """The networks, with the weights of the best epoch."""
        from handloom.load import load

        return load(self.path)

    @property
    def finished(self) -> bool:
        """Whether training reached its last epoch, or stopped by itself."""
        return bool(RunDirectory.open(self.path).status()["status"] == "finished")

    @property
    def evaluation(self) -> dict[str, Any] | None:
        """What the run was worth on unseen data when it was finished; None before."""
        return RunDirectory.open(self.path).evaluation()

    def evaluate(self, data: str | Path | None = None) -> dict[str, Any]:
        """Metrics on the run's test split, or on other data."""
        verb = find(self.config["job"], "evaluate")
        found: dict[str, Any] = verb(self.loaded, None if data is None else str(data))
        return found

    def sentence(self, found: dict[str, Any]) -> str:
        """An evaluation in one line."""
        line: str = find(self.config["job"], "sentence")(found)
        return line

    def predict(self, inputs: str | Path | Sequence[str | Path]) -> list[dict[str, Any]]:
        """One record for every picture; a folder or a table holds many."""
        many = [inputs] if isinstance(inputs, str | Path) else inputs
        verb = find(self.config["job"], "predict")
        return list(verb(self.loaded, [str(given) for given in many]))

    def stream(
        self,
        prefix: str = "",
        length: int = 200,
        count: int = 1,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Iterator[tuple[int, str]]:
        """(number of the text, its next character) as a char-rnn writes, the prefix left out."""
        verb = find(self.config["job"], "sample")
        written: Iterator[tuple[int, str]] = verb(
            self.loaded, prefix, length, count, temperature, top_k, top_p, seed
        )
        return written

    def sample(
        self,
        prefix: str = "",
        length: int = 200,
        count: int = 1,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> list[str]:
        """`count` texts that begin with `prefix` and go on for `length` characters."""
        texts = [prefix] * count
        for number, character in self.stream(
            prefix, length, count, temperature, top_k, top_p, seed
        ):
            texts[number] += character
        return texts

    def report(self) -> Path:
        """Make report.html, one offline file, and say where it is."""
        page: str = find(self.config["job"], "report")(self.loaded)
        return RunDirectory(self.path).write_report(page)


def train(
    job: str,
    data: str | Path,
    *,
    out: str | Path | None = None,
    from_run: str | Path | None = None,
    quiet: bool = False,
    **options: Any,
) -> Run:
    """Train `job` on `data` and return the run; `options` are those of the command line.

    Raises UserError with one sentence for whatever an input or an option is to blame for.
    """
    from rich.console import Console

    from handloom import training

    directory = training.train(
        job,
        str(data),
        options,
        Console(stderr=True, quiet=quiet),
        _path(out),
        _path(from_run),
    )
    return Run(directory.path)


def resume(path: str | Path, *, epochs: int | None = None, quiet: bool = False) -> Run:
    """Go on with a run that was stopped or killed, or train it to a new total of epochs."""
    from rich.console import Console

    from handloom import stylizing, training

    if RunDirectory.open(path).config()["job"] == "stylize":
        return Run(stylizing.resume(Path(path), Console(stderr=True, quiet=quiet)).path)
    return Run(training.resume(Path(path), Console(stderr=True, quiet=quiet), epochs).path)


def open(path: str | Path) -> Run:
    """An existing run."""
    return Run(RunDirectory.open(path).path)


def stylize(
    photo: str | Path,
    styles: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    run: str | Path | None = None,
    frames: str | Path | None = None,
    quiet: bool = False,
    **options: Any,
) -> Run:
    """Paint `photo` like one or more paintings into `out`; options are those of the command line.

    Raises UserError with one sentence for whatever a picture or an option is to blame for.
    """
    from rich.console import Console

    from handloom import stylizing

    many = [styles] if isinstance(styles, str | Path) else styles
    directory = stylizing.stylize(
        Path(photo),
        [Path(style) for style in many],
        Path(out),
        options,
        Console(stderr=True, quiet=quiet),
        None if run is None else Path(run),
        None if frames is None else Path(frames),
    )
    return Run(directory.path)


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
