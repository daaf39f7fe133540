"""A run that generates images, in Python: an autoencoder, a vae or a gan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.data.objects import input_names
from handloom.errors import names_arguments
from handloom.jobs.run import AnyInputs, Run

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.generation.records import GenerationRecord
    from handloom.jobs.loading import Loaded
    from handloom.jobs.results import Latents, Reconstructions


class GenerativeRun(Run):
    """An autoencoder, a vae or a gan. Images are uint8 (N, H, W, C)."""

    @names_arguments
    def sample(
        self,
        count: int | None = None,
        label: str | int | None = None,
        truncation: float | None = None,
        seed: int = 0,
        latent: Sequence[float] | None = None,
    ) -> Tensor:
        """New images from the prior of the run, the same for the same seed.

        count: 64 by default. label: one class of a conditional run. truncation: the scale of the
        latents, up to 1; smaller is more typical. latent: D numbers to decode in place of samples.
        """
        image: Tensor = self.call(
            "sample",
            count=count,
            label=_name(label),
            truncation=truncation,
            seed=seed,
            latent=None if latent is None else _typed(latent),
        ).image
        return image

    @names_arguments
    def encode(self, inputs: AnyInputs, label: str | int | None = None, **options: Any) -> Latents:
        """Latents of images: `latent` (N, D), with `names`, `labels` where known, and `broken`."""
        given, titles = input_names(inputs)
        latents: Latents = self.call("encode", given, label=_name(label), **options)
        return latents._replace(**_titled(latents, titles))

    @names_arguments
    def reconstruct(
        self, inputs: AnyInputs, label: str | int | None = None, **options: Any
    ) -> Reconstructions:
        """Images, encoded and decoded: `original`, `image`, `error` (N,), `names` and `broken`."""
        given, titles = input_names(inputs)
        made: Reconstructions = self.call("reconstruct", given, label=_name(label), **options)
        return made._replace(**_titled(made, titles))

    @names_arguments
    def interpolate(
        self, ends: Sequence[AnyInputs], frames: int = 24, label: str | int | None = None
    ) -> Tensor:
        """A walk from each end to the next, uint8 (F, H, W, C).

        ends: images, seeds of a gan (int), or latents of D numbers.
        """
        typed = [_end(end) for end in ends]
        frame: Tensor = self.call("interpolate", typed, frames=frames, label=_name(label))
        return frame

    @names_arguments
    def manifold(self, side: int = 15, label: str | int | None = None) -> Tensor:
        """A square of latents, decoded: side * side images, row by row."""
        from handloom.jobs.generation.verbs import manifold

        return manifold(cast("Loaded[GenerationRecord]", self.loaded), side, _name(label))[0]


def _name(label: str | int | None) -> str | None:
    """A class by its name, which of digits is a number to whoever types it."""
    return None if label is None else str(label)


def _typed(latent: Sequence[float]) -> str:
    return ",".join(repr(float(number)) for number in latent)


def _end(end: AnyInputs) -> str:
    """An end of a walk, as the verb takes it."""
    if isinstance(end, str | Path | int):
        return str(end)
    if isinstance(end, list | tuple) or getattr(end, "ndim", None) == 1:
        return _typed(end)
    return input_names(end)[0][0]


def _titled(made: Latents | Reconstructions, titles: Mapping[str, str]) -> dict[str, Any]:
    """The fields that name inputs, with what those made in Python are called."""
    broken = (entry._replace(path=titles.get(entry.path, entry.path)) for entry in made.broken)
    return {
        "names": tuple(titles.get(name, name) for name in made.names),
        "broken": tuple(broken),
    }
