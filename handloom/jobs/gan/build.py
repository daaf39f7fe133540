"""GAN: a generator of new images like those of a set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.gan import pair
from handloom.jobs.gan.config import Config, Resolved
from handloom.jobs.gan.defaults import FEW, TUTORIAL, defaults, evaluation_interval, tutorial
from handloom.jobs.generation.options import load_images
from handloom.jobs.options import broken, fill
from handloom.jobs.training.stage import Built, MakeCallback, single

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.io.progress import ReportProgress
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Callback
    from handloom.engine.precision import Precision
    from handloom.jobs.gan.evaluator import Evaluator
    from handloom.jobs.gan.records import Record
    from handloom.jobs.generation.records import NetworkSizes
    from handloom.objectives.adversarial import Adversarial

EVALUATED, ROWS = 2_000, 250  # generated images of an evaluation, and at a time
SAMPLES = 64  # images generated after an epoch
HELD_OUT_SEED = 0  # whatever the seed, so that all runs on the data have the same evaluator


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images; under the preset the first 5/6 are for training."""
    if config.preset and config.network not in TUTORIAL:
        raise UserError(
            f"--preset tutorial: there is no tutorial for {config.network}; choose --network "
            f"{' or '.join(TUTORIAL)}, or leave --preset out"
        )
    if config.width is not None and config.network != "resnet":
        raise UserError(
            f"--width {config.width}: the widths of {config.network} are the tutorial's; leave "
            "--width out, or choose --network resnet"
        )
    images = load_images(config, data, report, 0.0)
    if config.conditional and images.train.label is None:
        raise UserError(
            f"--conditional: the images in {data} have no labels; give a folder with one "
            "subfolder per class, or leave --conditional out"
        )
    return _first(images) if config.preset else _with_unseen(config, data, images, report)


def _first(images: DataSet) -> DataSet:
    """The first 5/6 of the training images, as in the tutorials; the rest is for validation."""
    from handloom.division.hold_out import first_rows

    count = len(images.train)
    rows, others = first_rows(count, count * 5 // 6, images.train.label)
    valid = images.valid if images.valid is not None else images.train.subset(others)
    return replace(images, train=images.train.subset(rows), valid=valid)


def _with_unseen(config: Config, data: str, images: DataSet, report: ReportProgress) -> DataSet:
    """Hold out images for choosing the best epoch, if there are enough, by HELD_OUT_SEED."""
    if images.valid is not None:
        return images
    try:
        seed = HELD_OUT_SEED if config.split_seed is None else config.split_seed
        return load_images(replace(config, split_seed=seed), data, report)
    except UserError:  # too few would be left
        return images


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose the options that were not given, for the network, the loss and the data."""
    chosen = (
        tutorial(config.network)
        if config.preset
        else defaults(config.network, config.loss, data.train)
    )
    chosen["split_seed"] = HELD_OUT_SEED
    chosen["evaluate_every"] = evaluation_interval(config, chosen, len(data.train))
    height, width = data.preprocessing["size"]
    chosen["size"] = height if height == width else None
    resolved = fill(Resolved, config, chosen)
    if resolved.network == "dcgan" and resolved.batch // resolved.grad_accum_steps < 2:
        raise UserError(
            f"--batch {resolved.batch} with --grad-accum-steps {resolved.grad_accum_steps}: the "
            "batch norm of dcgan needs two images per micro-batch; give a larger batch or fewer "
            "steps"
        )
    return resolved


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """Networks, losses, optimizers and loaders of a resolved config."""
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.jobs.gan.evaluator import evaluator_for
    from handloom.jobs.gan.health import Reference, TrainingWarnings

    evaluator = evaluator_for(config.evaluator, data, device)
    record = _record(config, data, evaluator)
    objective = pair.objective(config, record, device, evaluator)
    precision = Precision.resolve(device, config.precision)
    optimizers = pair.optimizers(config, objective)
    train = _train(config, data.train, device)
    experiment = Experiment(
        objective=objective,
        train=train,
        optimizers=optimizers,
        epochs=config.epochs,
        networks={"generator": objective.eval_model, "prior": objective.prior},
        precision=precision,
        evaluations={"valid": _evaluation(objective.prior, record, evaluator, device)},
        evaluate_every=config.evaluate_every,
        monitor="valid/kernel_distance",
        lower_is_better=True,
        scheduled=pair.scheduled(config, optimizers),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=is_recorded(config.cuda_graph, device),
    )
    callbacks: list[MakeCallback] = [
        lambda run: Reference(run, evaluator),
        TrainingWarnings,
        _samples(config, record, objective, precision),
    ]
    notes = [*data.notes, *broken(data), *_few(data.train), evaluator.notice]
    return Built(single(experiment, callbacks, evaluator.fit), record, notes)


def networks(record: Record) -> dict[str, nn.Module]:
    """The generator and the prior of a finished run, from its config.json."""
    from handloom.models.generative.prior import Prior

    prior = Prior(record["latent_dim"], record["prior"])
    return {"generator": pair.network_of(record["network"], pair.GENERATORS), "prior": prior}


def _train(config: Resolved, train: Images, device: torch.device) -> InMemoryLoader:
    from handloom.data.loaders import InMemoryLoader

    fields = {"image": train.image}
    if config.conditional:
        assert train.label is not None
        fields["label"] = train.label
    return InMemoryLoader(fields, config.batch, device, seed=config.seed)


def _latents(prior: nn.Module, count: int, seed: int) -> Tensor:
    """The same latents in every run, (count, D); the global generators are not used."""
    import torch

    latent: Tensor = prior(count, torch.Generator().manual_seed(seed))
    return latent


def _evaluation(
    prior: nn.Module, record: Record, evaluator: Evaluator, device: torch.device
) -> InMemoryLoader:
    """Latents of an evaluation, always the same, and labels as frequent as among real images."""
    from handloom.data.loaders import InMemoryLoader

    fields = {"latent": _latents(prior, EVALUATED, 1)}
    if record["conditional"]:
        fields["label"] = evaluator.labels(EVALUATED)
    return InMemoryLoader(fields, ROWS, device, shuffle=False)


def _samples(
    config: Resolved, record: Record, objective: Adversarial, precision: Precision
) -> Callable[[Any], Callback]:
    """A callback that writes images of fixed latents, the classes in turn."""
    import torch

    from handloom.jobs.generation.generate import generate
    from handloom.jobs.generation.samples import WriteSamples

    latent, label = _latents(objective.prior, SAMPLES, 2), None
    if record["conditional"]:
        label = torch.arange(SAMPLES) % len(record["classes"])
    return lambda run: WriteSamples(
        run, lambda: generate(objective.eval_model, latent, precision, label), config.sample_every
    )


def _record(config: Resolved, data: DataSet, evaluator: Evaluator) -> Record:
    """The part of config.json that `networks` and the verbs need, beside the options."""
    classes = list(data.train.classes) if config.conditional else []
    shape: NetworkSizes = {
        "kind": config.network,
        "size": [*data.train.size, data.train.channels],
        "classes": len(classes),
    }
    generator, discriminator = shape | {"latent_dim": config.latent_dim}, shape
    if config.width is not None:  # of resnet
        generator |= {"width": config.width, "full_width": max(4, config.width // 4)}
        discriminator = shape | {"width": config.width * 3 // 4}
    return {
        "network": generator,
        "discriminator": discriminator,
        "latent_dim": config.latent_dim,
        "prior": config.prior,
        "conditional": config.conditional,
        "classes": classes,
        "loss": config.loss,
        "evaluator": evaluator.record,
        "protocol": evaluator.protocol(EVALUATED),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }


def _few(train: Images) -> list[str]:
    """A warning about a set too small to generalize from."""
    if len(train) >= FEW:
        return []
    return [
        f"{len(train):,} training images are few: generated images will be close to them; for new "
        "ones, use some thousands"
    ]
