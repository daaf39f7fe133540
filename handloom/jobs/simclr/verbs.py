"""Evaluate a SimCLR run: how good its vectors are, with labels and without."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from handloom.data.images.dataset import Images
from handloom.division.sample import sample_rows
from handloom.engine.evaluate import same_noise
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.images.evaluation_data import EvaluationData, evaluation_data
from handloom.jobs.loading import Loaded
from handloom.jobs.simclr.baseline import pixels_of
from handloom.jobs.simclr.config import Resolved
from handloom.jobs.simclr.probe import linear_probe
from handloom.jobs.simclr.records import Evaluation, Record
from handloom.jobs.simclr.views import views_of
from handloom.metrics.alignment import alignment, uniformity
from handloom.metrics.neighbors import knn_accuracy
from handloom.models.image.features import Features
from handloom.wording import percent, pluralize

NEIGHBORS = 20
KNOWN = 10_000  # training images that are compared with and that a probe is fitted to, at most
BATCH = 250
COLLAPSED = -0.5  # uniformity, above which nearly all embeddings are one point
SHOWN, NEAREST, POINTS = 8, 5, 1_000  # kept for the page


def finish(run: Loaded[Record]) -> Evaluation:
    """Evaluate after training, and save features and neighbours for the page."""
    used = _used(run, None, None)
    assert used.train is not None
    _save_reference(run, used.images, used.train)
    return _evaluated(run, used)


def evaluate(
    run: Loaded[Record], data: str | None = None, options: ImageReadingOptions | None = None
) -> Evaluation:
    """How good the vectors of the run's test images are (validation if there are none), or of other
    images.

    Returns {"data", "split", "images", "alignment", "uniformity"}: of the embeddings of two views
    of each image (Wang and Isola 2020, arXiv:2005.10242). Where labels are known also "knn", the
    accuracy of the vote of 20 neighbours by features ("neighbors" of them are compared with:
    training images, or, of other data, all other images), and, of the run's own data,
    "knn_pixels", the same by pixels of 32x32, and "linear_probe", the accuracy of a linear layer
    on features of training images.
    """
    return _evaluated(run, _used(run, data, options))


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines: what labels say of the vectors, and how they are spread."""
    spread = (
        f"alignment {evaluation['alignment']:.2f} (0: views of an image are one point), uniformity "
        f"{evaluation['uniformity']:.2f} (0: all images are one point; -3.9: spread evenly)"
    )
    collapse = ["all embeddings are nearly one point: train longer, or with a smaller --lr"]
    parts = [f"{evaluation['split']}: {pluralize(evaluation['images'], 'image')}"]
    if "knn" in evaluation:
        pixels = evaluation.get("knn_pixels")
        beside = "" if pixels is None else f" (by pixels {percent(pixels)})"
        parts.append(
            f"{NEIGHBORS}-NN accuracy {percent(evaluation['knn'])} among "
            f"{pluralize(evaluation['neighbors'], 'image')}{beside}"
        )
    if "linear_probe" in evaluation:
        parts.append(f"linear probe {percent(evaluation['linear_probe'])}")
    is_collapsed = evaluation["uniformity"] > COLLAPSED
    return [", ".join(parts), spread, *(collapse if is_collapsed else [])]


@torch.no_grad()
def features_of(run: Loaded[Record], images: Images) -> Tensor:
    """Features float32 (N, D) of decoded images, on the CPU."""
    network = Features(run.networks["network"])
    batches = []
    for pixels in images.image.split(BATCH):
        with run.precision.autocast():
            batches.append(network(_image(run, pixels)).float().cpu())
    return torch.cat(batches)


def _used(
    run: Loaded[Record], data: str | None, options: ImageReadingOptions | None
) -> EvaluationData:
    # An encoder that was trained without labels is measured by those of any images.
    labelled = None if run.config["classes"] else False
    return evaluation_data(run, data, options, labelled, run.options(Resolved).labels)


def _evaluated(run: Loaded[Record], used: EvaluationData) -> Evaluation:
    first, second = _embeddings(run, used.images)
    evaluation: Evaluation = {
        "data": used.data,
        "split": used.split,
        "images": len(used.images),
        "alignment": round(alignment(first, second).item(), 4),
        "uniformity": round(uniformity(first).item(), 4),
    }
    if used.images.label is not None:
        own = used.train is not None
        evaluation |= _by_training(run, used) if own else _by_each_other(run, used.images)
    return {**evaluation, **used.record()}


def _by_training(run: Loaded[Record], used: EvaluationData) -> Evaluation:
    """Neighbours among training images, and a probe fitted to them."""
    assert used.train is not None
    rows = sample_rows(len(used.train), KNOWN, used.train.label)
    train, group = used.train.subset(rows), [used.group[row] for row in rows.tolist()]
    known, asked = features_of(run, train), features_of(run, used.images)
    assert train.label is not None
    assert used.images.label is not None
    truth = used.images.label
    probed = linear_probe(known, train.label, asked, len(train.classes), group)
    by_pixels = knn_accuracy(
        pixels_of(train), train.label, pixels_of(used.images), truth, NEIGHBORS
    )
    return {
        "knn": round(knn_accuracy(known, train.label, asked, truth, NEIGHBORS).item(), 4),
        "knn_pixels": round(by_pixels.item(), 4),
        "neighbors": len(train),
        "linear_probe": round((probed == truth).float().mean().item(), 4),
    }


def _by_each_other(run: Loaded[Record], images: Images) -> Evaluation:
    """Neighbours among the same images, each of them left out of its own vote."""
    assert images.label is not None
    if len(images) < 2:
        return {}
    features = F.normalize(features_of(run, images), dim=1)
    cosine = (features @ features.T).fill_diagonal_(-torch.inf)
    voters = cosine.topk(min(NEIGHBORS, len(images) - 1), 1)
    weight = ((voters.values - 1) / 0.07).exp()
    votes = weight.new_zeros(len(images), len(images.classes))
    votes.scatter_add_(1, images.label[voters.indices], weight)
    right = (votes.argmax(1) == images.label).float().mean().item()
    return {"knn": round(right, 4), "neighbors": len(images) - 1}


@torch.no_grad()
def _embeddings(run: Loaded[Record], images: Images) -> tuple[Tensor, Tensor]:
    """Embeddings of two views of each image, of length 1, (N, D) each; the same every time."""
    views = views_of(run.recorded, images.size, images.channels)
    batches = []
    with same_noise(run.device):
        for pixels in images.image.split(BATCH):
            image = views(_image(run, pixels).repeat(2, 1, 1, 1))
            with run.precision.autocast():
                projected = run.networks["network"](image).float()
            batches.append(torch.stack(F.normalize(projected, dim=1).cpu().chunk(2), 1))
    first, second = torch.cat(batches).unbind(1)
    return first, second


def _image(run: Loaded[Record], pixels: Tensor) -> Tensor:
    """uint8 (N, H, W, C) to float in [0, 1], (N, C, H, W), on the device."""
    return pixels.to(run.device).permute(0, 3, 1, 2).float().div_(255)


def _save_reference(run: Loaded[Record], images: Images, train: Images) -> None:
    """Features, labels, and some images with their nearest training images."""
    some, known = images.sample(POINTS), train.sample(KNOWN)
    features = features_of(run, some)
    rows = torch.arange(min(SHOWN, len(some))) * len(some) // min(SHOWN, len(some))
    cosine = F.normalize(features[rows], dim=1) @ F.normalize(features_of(run, known), dim=1).T
    nearest = cosine.topk(min(NEAREST, len(known)), 1).indices  # (SHOWN, NEAREST)
    beside = known.image[nearest.flatten()].unflatten(0, tuple(nearest.shape))
    neighbors = torch.cat([some.image[rows][:, None], beside], 1)  # (SHOWN, 1 + NEAREST, H, W, C)
    tensors = {"latent": features, "neighbors": neighbors.contiguous()}
    if some.label is not None:
        tensors["label"] = some.label
    run.directory.write_reference(tensors)
