"""A run that generates images, in Python: an autoencoder, a vae or a gan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.jobs.run import AnyInputs, Run, names

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.generation.records import GenerationRecord
    from handloom.jobs.loading import Loaded
    from handloom.jobs.results import Latents, Reconstructions


class GenerativeRun(Run):
    """An autoencoder, a vae or a gan. Images are uint8 (N, H, W, C)."""

    def sample(
        self,
        count: int | None = None,
        label: str | None = None,
        truncation: float | None = None,
        seed: int = 0,
        latent: Sequence[float] | None = None,
    ) -> Tensor:
        """New images from the prior of the run, the same for the same seed.

        count: 64 by default. label: one class of a conditional run. truncation: the scale of the
        latents, up to 1; smaller is more typical. latent: D numbers to decode in place of samples.
        """
        typed = None if latent is None else ",".join(str(number) for number in latent)
        image: Tensor = self.call(
            "sample", count=count, label=label, truncation=truncation, seed=seed, latent=typed
        ).image
        return image

    def encode(self, inputs: AnyInputs, label: str | None = None, **options: Any) -> Latents:
        """Latents of images: `latent` (N, D), with `names`, `labels` where known, and `broken`."""
        latents: Latents = self.call("encode", names(inputs), label=label, **options)
        return latents

    def reconstruct(
        self, inputs: AnyInputs, label: str | None = None, **options: Any
    ) -> Reconstructions:
        """Images, encoded and decoded: `original`, `image`, `error` (N,), `names` and `broken`."""
        made: Reconstructions = self.call("reconstruct", names(inputs), label=label, **options)
        return made

    def interpolate(
        self, ends: Sequence[str | Path | int], frames: int = 24, label: str | None = None
    ) -> Tensor:
        """A walk between images, or between seeds of a gan, uint8 (F, H, W, C)."""
        frame: Tensor = self.call(
            "interpolate", [str(end) for end in ends], frames=frames, label=label
        )
        return frame

    def manifold(self, side: int = 15, label: str | None = None) -> Tensor:
        """A square of latents, decoded: side * side images, row by row."""
        from handloom.jobs.generation.verbs import manifold

        return manifold(cast("Loaded[GenerationRecord]", self.loaded), side, label)[0]
