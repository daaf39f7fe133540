"""What the autoencoder and the VAE share: networks, defaults, sources, the experiment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.generation.options import load_images

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images, Report
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Experiment
    from handloom.engine.objective import Objective
    from handloom.engine.optim import Optimizer

HIDDEN = 256  # width of the residual networks' layers beside the code


def load(config: Any, data: str, report: Report) -> DataSet:
    """Read the images; a tutorial trains on all of them where there is a test split to judge."""
    if not config.preset:
        return load_images(config, data, report)
    found = load_images(config, data, report, validation=0.0)
    return found if found.test is not None else load_images(config, data, report)


def chosen(
    config: Any, data: DataSet, tutorial: dict[str, Any], own: dict[str, Any], steps: int
) -> Any:
    """`config` with nothing left open: `tutorial` numbers under the preset, otherwise `own`, on top
    of what suits the number of images, for about so many steps."""
    for name in ("width", "depth"):
        if config.preset and vars(config)[name] is not None:
            raise UserError(
                f"--{name} {vars(config)[name]}: the tutorial's networks have widths of their own; "
                f"leave --{name} or --preset out"
            )
    numbers = (PLAIN | tutorial) if config.preset else searched(len(data.train), steps) | own
    height, width = data.preprocessing["size"]
    return replace(
        config,
        size=height if height == width else config.size,
        **{name: value for name, value in numbers.items() if vars(config)[name] is None},
    )


PLAIN: dict[str, Any] = dict(batch=128, lr=1e-3, weight_decay=0.0, schedule="constant")


def searched(count: int, steps: int) -> dict[str, Any]:
    """Numbers for so many images and about so many steps, in 12 to 120 epochs."""
    batch = min(128, max(16, 2 ** ((max(count, 1) // 24).bit_length() - 1)))
    epochs = min(120, max(12, round(steps * batch / count)))
    return dict(batch=batch, epochs=epochs, lr=2e-3, weight_decay=0.01, schedule="cosine")


def sizes_of(data: DataSet) -> list[int]:
    """[H, W, C]."""
    return [*data.train.size, data.train.channels]


def encoder_and_decoder(network: dict[str, Any]) -> tuple[nn.Module, nn.Module]:
    """Both networks from the record's "network", which holds every argument of both."""
    from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder
    from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
    from handloom.models.generative.residual_autoencoder import ResidualDecoder, ResidualEncoder

    arguments = dict(network)
    kind, size = arguments.pop("kind"), tuple(arguments.pop("size"))
    if kind == "tutorial-conv":
        return ConvEncoder(size), ConvDecoder(size)
    encoder, decoder = {
        "dense": (DenseEncoder, DenseDecoder),
        "residual": (ResidualEncoder, ResidualDecoder),
    }[kind]
    one = {name: arguments.pop(name) for name in ("variational",)}
    other = {name: arguments.pop(name) for name in ("squash", "variance")}
    return encoder(size, **arguments, **one), decoder(size, **arguments, **other)


def made_of(
    config: Any,
    data: DataSet,
    networks: dict[str, nn.Module],
    device: torch.device,
    most: int = 5_000,
) -> dict[str, nn.Module]:
    """Networks on their device; a decoder that is no tutorial's begins at the mean image."""
    import torch

    from handloom.engine.precision import channels_last
    from handloom.models.generative.dense_autoencoder import DenseDecoder
    from handloom.models.generative.residual_autoencoder import ResidualDecoder

    decoder = networks["decoder"]
    if not config.preset and isinstance(decoder, DenseDecoder | ResidualDecoder):
        generator = torch.Generator().manual_seed(config.seed)
        rows = torch.randperm(len(data.train), generator=generator)[:most].sort().values
        mean = data.train.image[rows].float().mean(0).div_(255)  # (H, W, C)
        decoder.begin_at(mean.permute(2, 0, 1))
    return {name: channels_last(part).to(device) for name, part in networks.items()}


def optimizer_for(config: Any, parameters: list[nn.Parameter]) -> Optimizer:
    """Adam as the tutorials have it, or AdamW."""
    from handloom.engine.optim import Adam

    decay = config.weight_decay
    return Adam(parameters, config.lr, weight_decay=decay, decoupled=not config.preset)


def experiment(
    config: Any,
    data: DataSet,
    device: torch.device,
    objective: Objective,
    made: dict[str, nn.Module],
    labelled: bool = False,
) -> Experiment:
    """Source, optimizer and schedule around an objective of one phase."""
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.engine.schedule import make, scheduled_lr

    (phase,) = objective.phases()
    optimizer = optimizer_for(config, phase.parameters)
    train = source(data.train, config.batch, device, labelled, config.seed)
    name, parts = judged(data), splits(data)
    return Experiment(
        objective=objective,
        train=train,
        optimizers={phase.name: optimizer},
        epochs=config.epochs,
        networks=made,
        precision=Precision.resolve(device, config.precision),
        evaluations={name: source(parts[name], 500, device, labelled)} if name else {},
        monitor="valid/loss" if name == "valid" else None,
        lower_is_better=True,
        scheduled=scheduled_lr(optimizer, make(config.schedule, until=0.02)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=config.cuda_graph,
    )


def source(
    images: Images, batch: int, device: torch.device, labelled: bool, seed: int | None = None
) -> InMemoryLoader:
    """Shuffled by `seed` for training; in order, to the last image, without one."""
    from handloom.data.loaders import InMemoryLoader

    fields = {"image": images.image}
    if labelled:
        assert images.label is not None
        fields["label"] = images.label
    return InMemoryLoader(fields, batch, device, shuffle=seed is not None, seed=seed or 0)


def splits(data: DataSet) -> dict[str, Images]:
    """The splits there are, by name: train, valid, test."""
    parts = {"train": data.train, "valid": data.valid, "test": data.test}
    return {name: part for name, part in parts.items() if part is not None}


def judged(data: DataSet) -> str | None:
    """The split that is looked at after every epoch: valid, or test where there is none."""
    return "valid" if data.valid is not None else "test" if data.test is not None else None


def facts(data: DataSet) -> dict[str, Any]:
    """What config.json says of the data, for both jobs."""
    return {
        "classes": list(data.train.classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in splits(data).items()},
    }


def example_images(data: DataSet, count: int = 32) -> tuple[Tensor, Tensor | None]:
    """The first images that are judged, uint8 (count, H, W, C), and their labels."""
    shown = splits(data)[judged(data) or "train"]
    rows = slice(0, count)
    return shown.image[rows].clone(), None if shown.label is None else shown.label[rows].clone()


def latent_for(size: list[int]) -> int:
    """Numbers in an autoencoder's code: 16 up to 32 pixels, 64 at 64, 128 above."""
    side = max(size[:2])
    return 16 if side <= 32 else 64 if side <= 64 else 128


def network_for(network: str, size: list[int]) -> dict[str, Any]:
    """Width and depth of the default networks, and the norm gradients are clipped to: conv's is 20
    to 400 in its first steps on MNIST."""
    if network == "dense":
        return dict(width=512, depth=2, clip=100.0)
    side = max(size[:2])
    return dict(width=32 if side <= 64 else 16, depth=1, clip=100.0)


def shape_of(config: Any, hidden: tuple[int, ...]) -> dict[str, Any]:
    """Kind, widths and depth of the networks; `hidden` are the tutorial's dense widths."""
    if config.preset:
        return {"kind": "dense", "hidden": list(hidden), "activation": "relu"}
    if config.network == "dense":
        widths = [config.width] * config.depth
        return {"kind": "dense", "hidden": widths, "activation": "silu"}
    return {"kind": "residual", "width": config.width, "depth": config.depth, "hidden": HIDDEN}


def latent_for_vae(size: list[int]) -> int:
    """Numbers in a VAE's code: unused ones cost nothing, so rather too many."""
    side = max(size[:2])
    return 32 if side <= 32 else 64 if side <= 64 else 128
