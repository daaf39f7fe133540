"""Training a whole classifier by gradients, whatever its network and where its weights began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from handloom.errors import UserError
from handloom.jobs.classification.evaluation import imbalance
from handloom.jobs.classifier.mirror import FACT
from handloom.jobs.options import broken

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Callback, Experiment
    from handloom.engine.optim import Optimizer, ParameterGroup
    from handloom.engine.precision import Precision
    from handloom.jobs.classifier.config import Resolved
    from handloom.jobs.classifier.records import DataRecord
    from handloom.jobs.training.stage import MakeCallback
    from handloom.objectives.classification import Classification
    from handloom.runs.directory import RunDirectory

TEST_BATCH = 512  # images of an evaluation's batch; a large network's need less memory


def data_record(data: DataSet) -> DataRecord:
    """What config.json holds of the data."""
    record: DataRecord = {
        "classes": list(data.train.classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }
    if data.together:
        groups = {name: len(set(data.groups_of(part))) for name, part in data.splits.items()}
        record["groups"] = groups
    if "corrections" in data.facts:
        record["corrections"] = data.facts["corrections"]
    if FACT in data.facts:
        record["mirrored"] = data.facts[FACT]
    return record


def data_notes(config: Resolved, data: DataSet) -> list[str]:
    """Sentences about the data, to be read before training."""
    assert data.train.label is not None
    is_balanced = config.class_weights == "balanced"
    if config.sampler == "balanced":
        return [*data.notes, *broken(data)]
    unequal = imbalance(data.train.label, data.train.classes, "images", is_balanced)
    return [*data.notes, *broken(data), *unequal]


def monitor(config: Resolved, data: DataSet) -> str | None:
    """The metric of the validation images that chooses the epoch; None where there are none."""
    if data.valid is None:
        return None
    is_balanced = "balanced" in (config.class_weights, config.sampler)
    return "valid/macro_f1" if is_balanced else "valid/accuracy"


def source(
    images: Images,
    batch: int,
    device: torch.device,
    seed: int | None = None,
    is_balanced: bool = False,
) -> InMemoryLoader:
    """Shuffled by `seed` for training; in order, to the last image, without one.

    is_balanced: drawn by chance instead, every class equally often. Where images are there as
    wholes, training has these, and their `aspect`.
    """
    from handloom.data.loaders import InMemoryLoader
    from handloom.metrics.classification import balanced_weights

    assert images.label is not None
    fields, row, weight = {"image": images.image, "label": images.label}, None, None
    shuffle = seed is not None
    if shuffle and images.whole is not None:
        row = images.whole.row
        fields |= {"image": images.whole.image, "aspect": images.whole.aspect}
    if is_balanced:
        weight = balanced_weights(images.label, len(images.classes))[images.label]
    return InMemoryLoader(fields, batch, device, shuffle, seed or 0, weight=weight, image_row=row)


def objective(
    config: Resolved, network: nn.Module, train: Images, out: tuple[int, int] | None = None
) -> Classification:
    """Cross-entropy on augmented images, which come out with `out` pixels (H, W), or as large."""
    from handloom.metrics.classification import balanced_weights
    from handloom.objectives.classification import Classification

    assert train.label is not None
    is_balanced, share = config.class_weights == "balanced", config.tuned_share or 1.0
    without = None if share == 1 else 0.0  # an average of nothing but the present weights
    return Classification(
        network,
        augmentation(config, train, out or train.size),
        config.label_smoothing,
        config.ema_decay or without,
        balanced_weights(train.label, len(train.classes)) if is_balanced else None,
        mixup=config.mixup,
        ema_share=share,
    )


def augmentation(config: Resolved, train: Images, out: tuple[int, int]) -> nn.Module | None:
    """The changes of training images that are asked for; None for none."""
    from handloom.models.layers.augment import Augment
    from handloom.models.layers.changes import Changes
    from handloom.models.layers.erase import Erase
    from handloom.models.layers.photo_augment import PhotoAugment
    from handloom.models.layers.rand_augment import RandAugment

    steps: list[nn.Module] = []
    if config.crop < 1 or config.color > 0 or out != train.size:
        steps.append(PhotoAugment(out, config.crop, config.color))
    # What comes in from outside: black around a digit, the mirrored edge of a photo.
    border: Literal["zeros", "reflect"] = "zeros" if train.channels == 1 else "reflect"
    if config.translate >= min(out):
        raise UserError(
            f"--translate {config.translate}: the images are {out[1]}x{out[0]} pixels; give at "
            f"most {min(out) - 1}"
        )
    changes = (config.translate, config.hflip, config.rotate, config.scale, config.cutout)
    if any(changes):
        steps.append(Augment(*changes, border))
    if config.rand_augment and config.magnitude:
        steps.append(RandAugment(config.rand_augment, config.magnitude, border))
    if config.erase:
        steps.append(Erase(config.erase))
    return Changes(*steps) if steps else None


def showing(train: Images) -> list[MakeCallback]:
    """Callbacks that write what augmentation makes of the images, for a person to look at."""

    def make(directory: RunDirectory) -> Callback:
        from handloom.jobs.classifier.augmented import Augmented

        return Augmented(directory, train)

    return [make]


def experiment(
    config: Resolved,
    data: DataSet,
    objective: Classification,
    parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup],
    precision: Precision,
    monitor: str | None,
    test_batch: int = TEST_BATCH,
) -> Experiment:
    """Everything `fit` needs, over these parameters."""
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.schedule import make, scheduled_lr

    split, device = data.watched, precision.device
    objective = objective.to(device)
    chosen = optimizer(config, parameters)
    return Experiment(
        objective=objective,
        train=source(data.train, config.batch, device, config.seed, config.sampler == "balanced"),
        optimizers={"network": chosen},
        epochs=config.epochs,
        networks={"network": objective.eval_model},
        precision=precision,
        evaluations={split: source(data.splits[split], test_batch, device)} if split else {},
        monitor=monitor,
        scheduled=scheduled_lr(chosen, make(config.schedule)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=is_recorded(config.cuda_graph, device),
    )


def optimizer(
    config: Resolved, parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup]
) -> Optimizer:
    """SGD with Nesterov's momentum, or AdamW; the tutorials' SGD decays biases too."""
    from handloom.engine.optim import SGD, Adam

    if config.optimizer == "adamw":
        return Adam(parameters, config.lr, weight_decay=config.weight_decay, decoupled=True)
    momentum, decay = config.momentum, config.weight_decay
    is_spared = not config.preset
    return SGD(parameters, config.lr, momentum, momentum > 0, decay, no_decay_on_1d=is_spared)
