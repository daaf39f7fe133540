"""Options of the verbs of a CLIP run."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import option
from handloom.jobs.images.data import ImagePredictOptions, ImageReadingOptions


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(ImageReadingOptions):
    """Options of `evaluate`."""

    text_column: str | None = option(None, "column of a table that holds the captions")


@dataclass(frozen=True, kw_only=True)
class ZeroShotOptions(ImagePredictOptions):
    """Options of `predict`."""

    labels: str | None = option(
        None, "classes to choose from, as in 'shoes,dress'; by default those of the training"
    )
    template: str | None = option(
        None, "sentences that a class name stands in, parted by |, as in 'a photo of a {}'"
    )
