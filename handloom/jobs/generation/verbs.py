"""What the generative jobs can do with a finished run: autoencoder, vae and gan alike."""

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor

from handloom.errors import UserError
from handloom.jobs.generation import generate
from handloom.jobs.generation.latents import codes_of
from handloom.jobs.generation.walks import plane, walk
from handloom.jobs.inputs import Inputs, read
from handloom.jobs.loading import Loaded
from handloom.models.generative.prior import Prior
from handloom.wording import pluralize

MOST = 10_000  # images at a time
MOST_FRAMES = 500  # of one leg of a walk


class Drawn(NamedTuple):
    """Images, and what they were drawn from."""

    pixels: Tensor  # uint8 (N, H, W, C)
    latent: Tensor  # float32 (N, D)
    labels: tuple[str | None, ...]  # names of classes; None where the run is not conditional


class Encoded(NamedTuple):
    """Codes of images."""

    latent: Tensor  # float32 (N, D)
    names: tuple[str, ...]
    labels: tuple[str | None, ...]  # names of classes, where known


class Reconstruction(NamedTuple):
    """Images beside what encoder and decoder make of them."""

    original: Tensor  # uint8 (N, H, W, C)
    pixels: Tensor  # uint8 (N, H, W, C)
    error: Tensor  # (N,), mean squared error of a pixel in [0, 1]
    names: tuple[str, ...]


def sample(
    run: Loaded,
    count: int = 64,
    label: str | None = None,
    truncation: float = 1.0,
    seed: int = 0,
    code: Sequence[float] | None = None,
) -> Drawn:
    """New images, from latents drawn from the run's prior, or from one given code.

    label: a class of a conditional run; without it the classes come in turn. truncation: factor
    of the way from the prior's middle, above 0, up to 1: smaller gives likelier images that
    differ less. code: D numbers; it gives one image, or one of every class. Raises UserError.
    """
    _check(count, truncation, seed)
    prior = cast(Prior, run.networks["prior"])
    if code is None:
        latent = prior(count, torch.Generator().manual_seed(seed), truncation).cpu()
    else:
        rows = len(run.config["classes"]) if run.config["conditional"] and label is None else 1
        latent = _given(code, prior.latent).repeat(rows, 1)
    return drawn(run, latent, _classes(run, label, len(latent)))


def encode(run: Loaded, inputs: Sequence[str], label: str | None = None) -> Encoded:
    """Codes of images, folders, tables or named sets.

    label: the class of all of them, for a conditional run; a labelled set says it itself.
    """
    given = read(run, inputs)
    classes = _known(run, given, label)
    latent = codes_of(run.networks["encoder"], given.image, classes, run.precision)
    return Encoded(latent, given.names, given.labels)


def reconstruct(run: Loaded, inputs: Sequence[str], label: str | None = None) -> Reconstruction:
    """Images, and what is left of them after their code; inputs and label as for `encode`."""
    given = read(run, inputs)
    classes = _known(run, given, label)
    latent = codes_of(run.networks["encoder"], given.image, classes, run.precision)
    pixels = generate.draw(run.networks["decoder"], latent, run.precision, classes)
    away = (given.image.float() - pixels.float()).div(255).square()
    return Reconstruction(given.image, pixels, away.flatten(1).mean(1), given.names)


def interpolate(
    run: Loaded, ends: Sequence[str], frames: int = 24, label: str | None = None
) -> Tensor:
    """A walk from one image to the next, uint8 (F, H, W, C), `frames` for each leg and the end.

    ends: two or more images; of a gan, which has no encoder, two or more seeds. Latents of a
    normal prior go along great circles, others along straight lines.
    """
    if len(ends) < 2:
        raise UserError(f"'{', '.join(ends)}' is no way to go: give two ends or more")
    if not 1 <= frames <= MOST_FRAMES:
        raise UserError(f"--frames {frames}: give 1 to {MOST_FRAMES}")
    if "encoder" in run.networks:
        stops = _one_each(encode(run, ends, label), ends)
        label_of_all = label
    else:
        stops = _seeded(run, ends)
        label_of_all = label or (run.config["classes"][0] if run.config["conditional"] else None)
    latent = walk(stops, frames, cast(Prior, run.networks["prior"]).kind == "normal")
    return drawn(run, latent, _classes(run, label_of_all, len(latent))).pixels


def report(run: Loaded) -> str:
    """The page of a run, as HTML, from the run directory alone."""
    from handloom.jobs.generation.report import report as page
    from handloom.jobs.verbs import find

    found = run.directory.evaluation()
    sentence = find(run.config["job"], "sentence")(found) if found else None
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
    return drawn(run, latent, _classes(run, label, len(latent))).pixels, about


def drawn(run: Loaded, latent: Tensor, label: Tensor | None = None) -> Drawn:
    """Images of latents (N, D), of classes (N,) where the run is conditional."""
    pixels = generate.draw(generate.painter(run.networks), latent, run.precision, label)
    names: tuple[str | None, ...] = (None,) * len(latent)
    if label is not None:
        names = tuple(run.config["classes"][i] for i in label.tolist())
    return Drawn(pixels, latent, names)


def _check(count: int, truncation: float, seed: int) -> None:
    if not 1 <= count <= MOST:
        raise UserError(f"--count {count}: give 1 to {MOST:,} images")
    if not 0 < truncation <= 1:  # not a number fails, too
        raise UserError(f"--truncation {truncation:g}: give a number above 0, up to 1")
    if not 0 <= seed < 2**63:
        raise UserError(f"--seed {seed}: give a whole number from 0 to {2**63 - 1}")


def _given(code: Sequence[float], latent: int) -> Tensor:
    """A code as typed, (1, D)."""
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


def _one_each(codes: Encoded, ends: Sequence[str]) -> Tensor:
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
