"""Verbs of the finished runs of autoencoder, vae and gan."""

import math
import re
from collections.abc import Sequence
from glob import has_magic
from typing import cast

import torch
from torch import Tensor

from handloom.data.images.inputs import Inputs
from handloom.data.images.named.sets import place_of
from handloom.data.io.names import absent
from handloom.engine.precision import Precision
from handloom.errors import UserError
from handloom.jobs.generation.generate import generate, generating_network
from handloom.jobs.generation.latents import Posterior, encode_images
from handloom.jobs.generation.planes import plane
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.generation.verb_options import (
    COUNT,
    InterpolateOptions,
    LabelOptions,
    SampleOptions,
)
from handloom.jobs.generation.walks import walk
from handloom.jobs.images.data import read_inputs, require_readable
from handloom.jobs.loading import Loaded
from handloom.jobs.results import GeneratedImages, Latents, Reconstructions
from handloom.models.generative.prior import Prior
from handloom.wording import pluralize

FRAMES = 24  # per leg of a walk
LATENT = re.compile(r"[-+\d.eE\s]+(,[-+\d.eE\s]+)+")  # numbers with commas, and no file's name


def sample(run: Loaded[GenerationRecord], options: SampleOptions) -> GeneratedImages:
    """New images, of latents sampled from the run's prior, or of one given latent.

    options.label: a class of a conditional run; without it the classes come in turn.
    options.truncation: factor of the distance from the prior's mean, above 0, up to 1.
    options.latent: D numbers; they give one image, or one of every class. Raises UserError.
    """
    prior, label = cast(Prior, run.networks["prior"]), options.label
    if options.latent is None:
        generator = torch.Generator().manual_seed(options.seed)
        latent = prior(options.count or COUNT, generator, options.truncation or 1.0).cpu()
        return generated(run, latent, _classes(run, label, len(latent)))
    if options.count is not None or options.truncation is not None:
        raise UserError("--latent gives the latent itself: leave out --count and --truncation")
    rows = len(run.config["classes"]) if run.config["conditional"] and label is None else 1
    latent = _given(options.latent, prior.latent_dim, "--latent").repeat(rows, 1)
    return generated(run, latent, _classes(run, label, len(latent)))._replace(source="latent")


def encode(run: Loaded[GenerationRecord], inputs: Sequence[str], options: LabelOptions) -> Latents:
    """Latents of images, folders, tables or built-in sets, in float32.

    options.label: the class of all of them, for a conditional run; a labelled set has its own.
    """
    given = require_readable(read_inputs(run, inputs, options))
    posterior = _posterior(run, given, _known(run, given, options.label))
    return Latents(
        posterior.mean, posterior.variance, given.names, given.labels, given.broken, given.notes
    )


def reconstruct(
    run: Loaded[GenerationRecord], inputs: Sequence[str], options: LabelOptions
) -> Reconstructions:
    """Images and their reconstructions; inputs and label as for `encode`."""
    given = require_readable(read_inputs(run, inputs, options))
    classes = _known(run, given, options.label)
    latent = _posterior(run, given, classes).mean
    pixels = generate(run.networks["decoder"], latent, run.precision, classes)
    squares = (given.image.float() - pixels.float()).div(255).square()
    return Reconstructions(
        given.image, pixels, squares.flatten(1).mean(1), given.names, given.broken, given.notes
    )


def _posterior(run: Loaded[GenerationRecord], given: Inputs, classes: Tensor | None) -> Posterior:
    """In float32, since bfloat16 rounds latents to three digits."""
    float32 = Precision(run.device, None)
    return encode_images(run.networks["encoder"], given.image, classes, float32)


def interpolate(
    run: Loaded[GenerationRecord], ends: Sequence[str], options: InterpolateOptions
) -> Tensor:
    """A walk from each end to the next, uint8 (F, H, W, C): `frames` per leg, and the last end.

    ends: two or more images, or seeds for a gan, which has no encoder; or latents, D numbers with
    commas each. Under a normal prior the path is along great circles, otherwise along straight
    lines.
    """
    if len(ends) < 2:
        raise UserError(f"'{', '.join(ends)}': interpolation needs at least two ends")
    prior, label = cast(Prior, run.networks["prior"]), options.label
    stops = _stops(run, ends, label)
    if run.config["conditional"] and label is None:
        label = run.config["classes"][0]
    latent = walk(stops, options.frames or FRAMES, prior.kind == "normal")
    return generated(run, latent, _classes(run, label, len(latent))).image


def manifold(
    run: Loaded[GenerationRecord], side: int = 15, label: str | None = None
) -> tuple[Tensor, str]:
    """Images uint8 (side * side, H, W, C) of a square in the latent space, and its description.

    The square is that of `plane`. label: the class of a conditional run, by default its first.
    """
    reference = run.directory.reference() or {}
    prior = cast(Prior, run.networks["prior"])
    corners = prior(4, torch.Generator().manual_seed(0))
    latent, about = plane(
        prior.kind, prior.mean, prior.covariance, side, reference.get("latent"), corners
    )
    if run.config["conditional"]:
        label = label or run.config["classes"][0]
        about += f", class {label}"
    return generated(run, latent, _classes(run, label, len(latent))).image, about


def generated(
    run: Loaded[GenerationRecord], latent: Tensor, label: Tensor | None = None
) -> GeneratedImages:
    """Images of latents (N, D), of classes (N,) if the run is conditional."""
    pixels = generate(generating_network(run.networks), latent, run.precision, label)
    names: tuple[str | None, ...] = (None,) * len(latent)
    if label is not None:
        names = tuple(run.config["classes"][i] for i in label.tolist())
    return GeneratedImages(pixels, latent, names, run.config["prior"])


def _given(typed: str, latent_dim: int, flag: str = "") -> Tensor:
    """A latent as typed, (1, D), for a flag or as an end of a walk."""
    numbers, named = _numbers(typed), f"{flag} {typed}".lstrip()
    if len(numbers) != latent_dim:
        raise UserError(
            f"{named}: {pluralize(len(numbers), 'number')} for a run of "
            f"{pluralize(latent_dim, 'latent dimension')}; give {latent_dim}, separated by commas"
        )
    if not all(math.isfinite(number) for number in numbers):
        raise UserError(f"{named}: every number must be finite")
    return torch.tensor([numbers], dtype=torch.float32)


def _classes(run: Loaded[GenerationRecord], label: str | None, count: int) -> Tensor | None:
    """Class numbers (N,): the one that is named, or all in turn; None if unconditional."""
    if label is not None:
        return torch.full((count,), _class(run, label))
    if not run.config["conditional"]:
        return None
    return torch.arange(count) % len(run.config["classes"])


def _class(run: Loaded[GenerationRecord], label: str) -> int:
    classes = run.config["classes"]
    if not run.config["conditional"]:
        raise UserError(
            f"--class {label}: {run.directory.path} was trained without --conditional; "
            "leave --class out"
        )
    if label not in classes:
        raise UserError(f"--class {label}: must be one of {', '.join(classes)}")
    return int(classes.index(label))


def _known(run: Loaded[GenerationRecord], given: Inputs, label: str | None) -> Tensor | None:
    """The classes of the inputs (N,), for a conditional encoder; else None."""
    if label is not None or not run.config["conditional"]:
        return _classes(run, label, len(given.names))
    for name, known in zip(given.names, given.labels, strict=True):
        if known is None:
            raise UserError(
                f"'{name}' has no label, which a conditional run needs: give "
                f"--class, one of {', '.join(run.config['classes'])}"
            )
    return torch.tensor([_class(run, str(known)) for known in given.labels])


def _stops(run: Loaded[GenerationRecord], ends: Sequence[str], label: str | None) -> Tensor:
    """The latent of each end, (E, D)."""
    latent_dim = cast(Prior, run.networks["prior"]).latent_dim
    if are_latents(ends):
        return torch.cat([_given(end, latent_dim) for end in ends])
    if "encoder" in run.networks:
        _check_exist(ends, latent_dim)
        return _single_images(encode(run, ends, LabelOptions(label=label)), ends)
    return _seeded(run, ends)


def are_latents(ends: Sequence[str]) -> bool:
    """Whether the ends of a walk are typed latents."""
    return all(LATENT.fullmatch(end) for end in ends)


def _check_exist(ends: Sequence[str], latent_dim: int) -> None:
    """Raises UserError for an end that is no file: of a run that encodes, a seed is none either."""
    for end in ends:
        path = place_of(end).path
        if path is not None and not path.exists() and not has_magic(end):
            numbers = pluralize(latent_dim, "number")
            raise absent(end, f"give images, or latents alone, {numbers} with commas each")


def _single_images(encoded: Latents, ends: Sequence[str]) -> Tensor:
    if encoded.broken:
        path, reason = encoded.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): every end must be an image")
    if len(encoded.names) != len(ends):
        raise UserError(
            f"{len(ends)} ends with {len(encoded.names)} images: give single images, not folders"
        )
    return encoded.latent


def _seeded(run: Loaded[GenerationRecord], ends: Sequence[str]) -> Tensor:
    """The latent of each seed, (E, D)."""
    invalid = next((end for end in ends if not end.isdecimal() or int(end) >= 2**63), None)
    if invalid is not None:
        raise UserError(
            f"'{invalid}' is not a seed: a gan has no encoder, so name seeds, as in "
            f"'handloom interpolate {run.directory.path} 3 7'"
        )
    prior = run.networks["prior"]
    latents = [prior(1, torch.Generator().manual_seed(int(end))) for end in ends]
    return torch.cat(latents).cpu()


def _numbers(typed: str) -> list[float]:
    words = [word for word in re.split(r"[,\s]+", typed.strip()) if word]
    try:
        return [float(word) for word in words]
    except ValueError:
        raise UserError(
            f"--latent {typed}: must be numbers separated by commas, as in 1.79,3.36"
        ) from None
