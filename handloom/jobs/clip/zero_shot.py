"""Classes that are named in words alone: the class whose sentences are nearest to an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.clip.captions import TEMPLATES, sentences
from handloom.jobs.clip.options import ZeroShotOptions

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.clip.records import Record
    from handloom.jobs.loading import Loaded


def labels_of(run: Loaded[Record], options: ZeroShotOptions) -> tuple[str, ...]:
    """The classes to choose from. Raises UserError where there are none, or one twice."""
    if options.labels is None:
        known = run.config.get("classes")
        if known is None:
            raise UserError(
                f"{run.directory.path} was trained on written captions and has no classes: name "
                "those to choose from, as in --labels 'shoes,dress'"
            )
        return tuple(known)
    labels = tuple(each.strip() for each in options.labels.split(",") if each.strip())
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise UserError(f"--labels {options.labels}: give two or more that differ, with commas")
    return labels


def templates_of(run: Loaded[Record], typed: str | None = None) -> tuple[str, ...]:
    """The sentences that class names stand in. Raises UserError for one without a place."""
    if typed is None:
        return tuple(run.config.get("templates", TEMPLATES))
    templates = tuple(each.strip() for each in typed.split("|"))
    for each in templates:
        if each.count("{}") != 1:
            raise UserError(f"--template {each}: must have {{}} once, where the class name goes")
    return templates


def class_vectors(run: Loaded[Record], labels: Sequence[str], templates: Sequence[str]) -> Tensor:
    """Vectors float32 (K, D) of length 1: of each class the mean of its sentences.

    Radford et al. 2021, arXiv:2103.00020, sec. 3.1.4. Raises UserError for a class of which no word
    is known.
    """
    import torch
    from torch.nn.functional import normalize

    from handloom.jobs.clip.encoder import Words, text_vectors

    words = Words(run)
    for label in labels:
        if not words.unknown(label.replace("_", " "))[1]:
            raise UserError(
                f"no word of '{label}' is in the captions that {run.directory.path} was trained on"
                ": use words of its captions"
            )
    texts = [text for label in labels for text in sentences(label, templates)]
    vectors = text_vectors(run, texts).unflatten(0, (len(labels), len(templates)))
    means: Tensor = normalize(torch.as_tensor(vectors).mean(1), dim=1)
    return means


def probabilities(run: Loaded[Record], image: Tensor, classes: Tensor) -> Tensor:
    """float32 (N, K) of images and classes, both vectors of length 1."""
    scale = float(run.networks["network"].scale.detach())  # type: ignore[operator]
    shares: Tensor = (scale * image @ classes.T).softmax(1)
    return shares
