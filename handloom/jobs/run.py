"""A run directory, and what can be done with it: what every run can, and what one kind can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.jobs.verbs import find
from handloom.runs.directory import RunDirectory

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.generation.verbs import Encoded, Reconstruction
    from handloom.jobs.loading import Loaded

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Run:
    """A run of any job. `handloom.open` gives a WritingRun or a DrawingRun where it is one."""

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
        from handloom.jobs.loading import load

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

    def predict(self, inputs: Paths) -> list[dict[str, Any]]:
        """One record for every image; a folder or a table holds many."""
        return list(find(self.config["job"], "predict")(self.loaded, _many(inputs)))

    def report(self) -> Path:
        """Make report.html, one offline file, and say where it is."""
        page: str = find(self.config["job"], "report")(self.loaded)
        return RunDirectory(self.path).write_report(page)


class WritingRun(Run):
    """A char-rnn."""

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
        """(number of the text, its next character) as it is written, the prefix left out."""
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


class DrawingRun(Run):
    """An autoencoder, a vae or a gan. Images are uint8 (N, H, W, C)."""

    def sample(
        self,
        count: int = 64,
        label: str | None = None,
        truncation: float = 1.0,
        seed: int = 0,
        code: Sequence[float] | None = None,
    ) -> Tensor:
        """New images; see `verbs.generative.sample`."""
        verb = find(self.config["job"], "sample")
        found: Tensor = verb(self.loaded, count, label, truncation, seed, code).pixels
        return found

    def encode(self, inputs: Paths, label: str | None = None) -> Encoded:
        """Codes of images: `latent` (N, D), with `names`, and `labels` where known."""
        found: Encoded = find(self.config["job"], "encode")(self.loaded, _many(inputs), label)
        return found

    def reconstruct(self, inputs: Paths, label: str | None = None) -> Reconstruction:
        """Images after their code: `original`, `pixels`, `error` (N,) and `names`."""
        verb = find(self.config["job"], "reconstruct")
        found: Reconstruction = verb(self.loaded, _many(inputs), label)
        return found

    def interpolate(
        self, ends: Sequence[str | Path | int], frames: int = 24, label: str | None = None
    ) -> Tensor:
        """A walk between images, or between seeds of a gan."""
        verb = find(self.config["job"], "interpolate")
        found: Tensor = verb(self.loaded, [str(end) for end in ends], frames, label)
        return found

    def manifold(self, side: int = 15, label: str | None = None) -> Tensor:
        """A square of latents, side * side images, row by row."""
        found: Tensor = find(self.config["job"], "manifold")(self.loaded, side, label)[0]
        return found


KINDS = {"char-rnn": WritingRun, "autoencoder": DrawingRun, "vae": DrawingRun, "gan": DrawingRun}


def opened(path: Path | str) -> Run:
    """An existing run, of the class that its job has."""
    run = RunDirectory.open(path)
    return KINDS.get(run.config()["job"], Run)(run.path)


def _many(inputs: Paths) -> list[str]:
    return [str(one) for one in ([inputs] if isinstance(inputs, str | Path) else inputs)]
