"""What the autoencoder and the VAE share: networks, defaults, loaders, the experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.generation.options import Generation, ResolvedGeneration, load_images
from handloom.jobs.options import fill
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.io.progress import ReportProgress
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Experiment
    from handloom.engine.objective import Objective
    from handloom.engine.optim import Optimizer
    from handloom.jobs.generation.records import NetworkSizes

HIDDEN = 256  # width of the residual networks' linear layers


@dataclass(frozen=True, kw_only=True)
class Autoencoding(Generation):
    """Options of autoencoder and vae."""

    network: Literal["conv", "dense"] | None = option(
        None, "conv (default) is a residual network, dense has linear layers only"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's network and training, to the letter"
    )
    width: int | None = option(
        None, "channels of the first stage of conv, or units per layer of dense", 2
    )
    depth: int | None = option(None, "residual blocks per stage of conv, or layers of dense", 1, 16)
    schedule: Literal["constant", "cosine"] | None = option(None, "schedule of the learning rate")


@dataclass(frozen=True, kw_only=True)
class ResolvedAutoencoding(ResolvedGeneration, Autoencoding):
    """Autoencoding with every option chosen; width and depth are None under the preset."""

    network: Literal["conv", "dense"]
    schedule: Literal["constant", "cosine"]


R = TypeVar("R", bound=ResolvedAutoencoding)


def load(config: Autoencoding, data: str, report: ReportProgress) -> DataSet:
    """Read the images; under the preset all but the test split are trained on."""
    if not config.preset:
        return load_images(config, data, report)
    images = load_images(config, data, report, validation=0.0)
    return images if images.test is not None else load_images(config, data, report)


def resolve(
    resolved: type[R],
    config: Autoencoding,
    data: DataSet,
    tutorial: Options,
    own: Options,
    steps: int,
) -> R:
    """`config` with every option chosen: as in `tutorial` under the preset, otherwise as in `own`,
    and, for the rest, by the number of images, for about `steps` steps."""
    for name in ("width", "depth"):
        if config.preset and vars(config)[name] is not None:
            raise UserError(
                f"--{name} {vars(config)[name]}: the tutorial fixes the widths of its networks; "
                f"leave --{name} or --preset out"
            )
    chosen = (PLAIN | tutorial) if config.preset else for_count(len(data.train), steps) | own
    height, width = data.preprocessing["size"]
    return fill(resolved, config, chosen | {"size": height if height == width else None})


PLAIN: Options = dict(batch=128, lr=1e-3, weight_decay=0.0, schedule="constant")


def for_count(count: int, steps: int) -> Options:
    """Training options for `count` images and about `steps` steps, in 12 to 120 epochs."""
    batch = min(128, max(16, 2 ** ((max(count, 1) // 24).bit_length() - 1)))
    epochs = min(120, max(12, round(steps * batch / count)))
    return dict(batch=batch, epochs=epochs, lr=2e-3, weight_decay=0.01, schedule="cosine")


def sizes_of(data: DataSet) -> list[int]:
    """[H, W, C]."""
    return [*data.train.size, data.train.channels]


def encoder_and_decoder(network: NetworkSizes) -> tuple[nn.Module, nn.Module]:
    """Both networks, from "network" of the record, which holds every argument of both."""
    from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder
    from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
    from handloom.models.generative.residual_autoencoder import ResidualDecoder, ResidualEncoder

    arguments: dict[str, Any] = dict(network)
    kind, size = arguments.pop("kind"), tuple(arguments.pop("size"))
    if kind == "tutorial-conv":
        return ConvEncoder(size), ConvDecoder(size)
    encoder, decoder = {
        "dense": (DenseEncoder, DenseDecoder),
        "residual": (ResidualEncoder, ResidualDecoder),
    }[kind]
    for_encoder = {name: arguments.pop(name) for name in ("variational",)}
    for_decoder = {name: arguments.pop(name) for name in ("output_activation", "variance")}
    return encoder(size, **arguments, **for_encoder), decoder(size, **arguments, **for_decoder)


def initialized(
    config: ResolvedAutoencoding,
    data: DataSet,
    networks: dict[str, nn.Module],
    device: torch.device,
    most: int = 5_000,
) -> dict[str, nn.Module]:
    """The networks on their device; without the preset, the decoder starts at the mean image."""
    from handloom.division.sample import sample_rows
    from handloom.engine.precision import channels_last
    from handloom.models.generative.dense_autoencoder import DenseDecoder
    from handloom.models.generative.residual_autoencoder import ResidualDecoder

    decoder = networks["decoder"]
    if not config.preset and isinstance(decoder, DenseDecoder | ResidualDecoder):
        rows = sample_rows(len(data.train), most, seed=config.seed)
        mean = data.train.image[rows].float().mean(0).div_(255)  # (H, W, C)
        decoder.start_at(mean.permute(2, 0, 1))
    return {name: channels_last(part).to(device) for name, part in networks.items()}


def optimizer_for(config: ResolvedAutoencoding, parameters: list[nn.Parameter]) -> Optimizer:
    """Adam under the preset, else AdamW."""
    from handloom.engine.optim import Adam

    decay = config.weight_decay
    return Adam(parameters, config.lr, weight_decay=decay, decoupled=not config.preset)


def experiment(
    config: ResolvedAutoencoding,
    data: DataSet,
    device: torch.device,
    objective: Objective,
    networks: dict[str, nn.Module],
    labelled: bool = False,
) -> Experiment:
    """The experiment of an objective of one phase: loaders, optimizer and schedule."""
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.engine.schedule import make, scheduled_lr

    (phase,) = objective.phases()
    optimizer = optimizer_for(config, phase.parameters)
    train = loader(data.train, config.batch, device, labelled, config.seed)
    name = data.watched
    return Experiment(
        objective=objective,
        train=train,
        optimizers={phase.name: optimizer},
        epochs=config.epochs,
        networks=networks,
        precision=Precision.resolve(device, config.precision),
        evaluations={name: loader(data.splits[name], 500, device, labelled)} if name else {},
        monitor="valid/loss" if name == "valid" else None,
        lower_is_better=True,
        scheduled=scheduled_lr(optimizer, make(config.schedule, until=0.02)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=is_recorded(config.cuda_graph, device),
    )


def loader(
    images: Images, batch: int, device: torch.device, labelled: bool, seed: int | None = None
) -> InMemoryLoader:
    """A loader of images: shuffled by `seed`, or, without one, in order and complete."""
    from handloom.data.loaders import InMemoryLoader

    fields = {"image": images.image}
    if labelled:
        assert images.label is not None
        fields["label"] = images.label
    return InMemoryLoader(fields, batch, device, shuffle=seed is not None, seed=seed or 0)


def example_images(data: DataSet, count: int = 32) -> tuple[Tensor, Tensor | None]:
    """Images of the evaluated split, uint8 (count, H, W, C), of all classes, and their labels."""
    images = data.splits[data.watched or "train"].sample(count)
    return images.image, images.label


def latent_dim_for(size: list[int]) -> int:
    """Latent dimensions of an autoencoder: 16 up to 32 pixels, 64 up to 64, 128 above."""
    side = max(size[:2])
    return 16 if side <= 32 else 64 if side <= 64 else 128


def network_for(network: str, size: list[int]) -> Options:
    """Width and depth of the default networks, and the gradient norm to clip at: that of conv is 20
    to 400 in its first steps on MNIST."""
    if network == "dense":
        return dict(width=512, depth=2, clip=100.0)
    side = max(size[:2])
    return dict(width=32 if side <= 64 else 16, depth=1, clip=100.0)


def shape_of(config: ResolvedAutoencoding, hidden: tuple[int, ...]) -> NetworkSizes:
    """The part of the sizes on kind, widths and depth; hidden: the tutorial's dense widths."""
    if config.width is None or config.depth is None:  # under the preset
        return {"kind": "dense", "hidden": list(hidden), "activation": "relu"}
    if config.network == "dense":
        widths = [config.width] * config.depth
        return {"kind": "dense", "hidden": widths, "activation": "silu"}
    return {"kind": "residual", "width": config.width, "depth": config.depth, "hidden": HIDDEN}


def latent_dim_for_vae(size: list[int]) -> int:
    """Latent dimensions of a VAE. Unused ones cost nothing, so there are plenty."""
    side = max(size[:2])
    return 32 if side <= 32 else 64 if side <= 64 else 128
