"""What the generative jobs can do with a finished run: autoencoder, vae and gan alike."""

import math
import re
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from handloom.errors import UserError
from handloom.jobs.generation import generate
from handloom.jobs.generation.latents import codes_of
from handloom.jobs.generation.verb_options import InterpolateOptions, LabelOptions, SampleOptions
from handloom.jobs.generation.walks import plane, walk
from handloom.jobs.inputs import Inputs, read
from handloom.jobs.loading import Loaded
from handloom.jobs.results import GeneratedImages, Latents, Reconstructions
from handloom.models.generative.prior import Prior
from handloom.wording import pluralize

FRAMES = 24  # of each leg of a walk


def sample(run: Loaded, options: SampleOptions) -> GeneratedImages:
    """New images, from latents that the run's prior gives, or from one given latent.

    options.label: a class of a conditional run; without it the classes come in turn.
    options.truncation: factor of the way from the prior's mean, above 0, up to 1.
    options.latent: D numbers; they give one image, or one of every class. Raises UserError.
    """
    prior, label = cast(Prior, run.networks["prior"]), options.label
    if options.latent is None:
        generator = torch.Generator().manual_seed(options.seed)
        latent = prior(options.count, generator, options.truncation).cpu()
        return drawn(run, latent, _classes(run, label, len(latent)))
    rows = len(run.config["classes"]) if run.config["conditional"] and label is None else 1
    latent = _given(options.latent, prior.latent).repeat(rows, 1)
    return drawn(run, latent, _classes(run, label, len(latent)))._replace(source="latent")


def encode(run: Loaded, inputs: Sequence[str], options: LabelOptions) -> Latents:
    """Codes of images, folders, tables or named sets.

    label: the class of all of them, for a conditional run; a labelled set says it itself.
    """
    given = read(run, inputs)
    classes = _known(run, given, options.label)
    latent = codes_of(run.networks["encoder"], given.image, classes, run.precision)
    return Latents(latent, given.names, given.labels)


def reconstruct(run: Loaded, inputs: Sequence[str], options: LabelOptions) -> Reconstructions:
    """Images, and what is left of them after their code; inputs and label as for `encode`."""
    given = read(run, inputs)
    classes = _known(run, given, options.label)
    latent = codes_of(run.networks["encoder"], given.image, classes, run.precision)
    pixels = generate.draw(run.networks["decoder"], latent, run.precision, classes)
    away = (given.image.float() - pixels.float()).div(255).square()
    return Reconstructions(given.image, pixels, away.flatten(1).mean(1), given.names)


def interpolate(run: Loaded, ends: Sequence[str], options: InterpolateOptions) -> Tensor:
    """A walk from one image to the next, uint8 (F, H, W, C), `frames` for each leg and the end.

    ends: two or more images; of a gan, which has no encoder, two or more seeds. Latents of a
    normal prior go along great circles, others along straight lines.
    """
    if len(ends) < 2:
        raise UserError(f"'{', '.join(ends)}' is no way to go: give two ends or more")
    label = options.label
    if "encoder" in run.networks:
        stops = _one_each(encode(run, ends, LabelOptions(label=label)), ends)
        label_of_all = label
    else:
        stops = _seeded(run, ends)
        label_of_all = label or (run.config["classes"][0] if run.config["conditional"] else None)
    latent = walk(
        stops, options.frames or FRAMES, cast(Prior, run.networks["prior"]).kind == "normal"
    )
    return drawn(run, latent, _classes(run, label_of_all, len(latent))).image


def report(run: Loaded) -> str:
    """The page of a run, as HTML, from the run directory alone."""
    from handloom.jobs.generation.report import report as page

    found = run.directory.evaluation()
    sentence = run.job.describe(found) if found else None
    made: str = page(run, sentence)
    return made


def manifold(run: Loaded, side: int = 15, label: str | None = None) -> tuple[Tensor, str]:
    """Images uint8 (side * side, H, W, C) of a square in the latents, and what that square is.

    Two latents are gone through at the quantiles of their prior; of more latents a plane is shown
    (see `inference.latents.plane`). label: the class of a conditional run, by default its first.
    """
    reference = run.directory.reference() or {}
    prior = cast(Prior, run.networks["prior"])
    corners = prior(4, torch.Generator().manual_seed(0))
    latent, about = plane(
        prior.kind, prior.mean, prior.covariance, side, reference.get("code"), corners
    )
    if run.config["conditional"]:
        label = label or run.config["classes"][0]
        about += f", class {label}"
    return drawn(run, latent, _classes(run, label, len(latent))).image, about


def drawn(run: Loaded, latent: Tensor, label: Tensor | None = None) -> GeneratedImages:
    """Images of latents (N, D), of classes (N,) where the run is conditional."""
    pixels = generate.draw(generate.painter(run.networks), latent, run.precision, label)
    names: tuple[str | None, ...] = (None,) * len(latent)
    if label is not None:
        names = tuple(run.config["classes"][i] for i in label.tolist())
    return GeneratedImages(pixels, latent, names, run.config["prior"])


def _given(typed: str, latent: int) -> Tensor:
    """A latent as typed, (1, D)."""
    code = _numbers(typed)
    if len(code) != latent:
        raise UserError(
            f"the code has {pluralize(len(code), 'number')} and this run's have {latent}: give "
            f"{latent}, with commas between them"
        )
    if not all(math.isfinite(number) for number in code):
        raise UserError(f"the code {', '.join(map(str, code))} holds what is no finite number")
    return torch.tensor([code], dtype=torch.float32)


def _classes(run: Loaded, label: str | None, count: int) -> Tensor | None:
    """Numbers of classes (N,): all of the one named, or each in turn; None if unconditional."""
    if label is not None:
        return torch.full((count,), _class(run, label))
    if not run.config["conditional"]:
        return None
    return torch.arange(count) % len(run.config["classes"])


def _class(run: Loaded, label: str) -> int:
    classes = run.config["classes"]
    if not run.config["conditional"]:
        raise UserError(
            f"--class {label}: {run.directory.path} was trained without --conditional and draws "
            "no class on demand"
        )
    if label not in classes:
        raise UserError(f"class '{label}' is unknown to the run, which has {', '.join(classes)}")
    return int(classes.index(label))


def _known(run: Loaded, given: Inputs, label: str | None) -> Tensor | None:
    """The classes of the inputs (N,), which a conditional encoder must be told."""
    if label is not None or not run.config["conditional"]:
        return _classes(run, label, len(given.names))
    for name, found in zip(given.names, given.labels, strict=True):
        if found is None:
            raise UserError(
                f"the class of '{name}' is not known and the run is conditional: say it with "
                f"--class, one of {', '.join(run.config['classes'])}"
            )
    return torch.tensor([_class(run, str(found)) for found in given.labels])


def _one_each(codes: Latents, ends: Sequence[str]) -> Tensor:
    if len(codes.names) != len(ends):
        raise UserError(
            f"{len(ends)} ends hold {len(codes.names)} images: give single images, not folders"
        )
    return codes.latent


def _seeded(run: Loaded, ends: Sequence[str]) -> Tensor:
    """The latent of each seed, (E, D)."""
    strange = next((end for end in ends if not end.isdecimal() or int(end) >= 2**63), None)
    if strange is not None:
        raise UserError(
            f"'{strange}' is no seed: a gan has no encoder and goes between seeds, as in "
            f"'handloom interpolate {run.directory.path} 3 7'"
        )
    prior = run.networks["prior"]
    found = [prior(1, torch.Generator().manual_seed(int(end))) for end in ends]
    return torch.cat(found).cpu()


def _numbers(typed: str) -> list[float]:
    words = [word for word in re.split(r"[,\s]+", typed.strip()) if word]
    try:
        return [float(word) for word in words]
    except ValueError:
        raise UserError(
            f"--latent {typed}: must be numbers with commas between them, as in 1.79,3.36"
        ) from None
