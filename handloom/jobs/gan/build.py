"""GAN: from a set or a folder of images to a generator that draws new ones like them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.gan import pair as players
from handloom.jobs.gan.defaults import FEW, TUTORIAL, judged_every, searched, tutorial
from handloom.jobs.generation.options import Generation, load_images
from handloom.jobs.job import Built, Watch, single
from handloom.jobs.options import broken

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images, Report
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.loop import Callback
    from handloom.engine.precision import Precision
    from handloom.jobs.gan.evaluator import Judge
    from handloom.objectives.adversarial import Adversarial

JUDGED, ROWS = 2_000, 250  # images judged while training, and at a time
DRAWN = 64  # images drawn after an epoch


@dataclass(frozen=True, kw_only=True)
class Config(Generation):
    """Options of `train gan`."""

    network: Literal["resnet", "dcgan", "dense"] = option(
        "resnet", "resnet is small and modern; dcgan and dense are the classic tutorials'"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training to the letter (dcgan, dense)"
    )
    loss: Literal["minimax", "least-squares", "hinge", "wasserstein"] | None = option(
        None, "what the players minimise; wasserstein has a gradient penalty"
    )
    width: int | None = option(
        None, "channels of resnet's generator at half the size, twice as many below; 64", 4, 512
    )
    conditional: bool = option(False, "draw images of a class; the data must have labels")
    noise: Literal["uniform", "normal"] | None = option(None, "where latents are drawn from")
    ema_decay: float | None = option(
        None, "decay of the generator's EMA, which is kept; 0: none", 0, 0.99999
    )
    augment: Literal["none", "diff"] | None = option(
        None, "diff changes all the critic sees, for small sets (DiffAugment)"
    )
    n_critic: int | None = option(None, "turns of the critic for one of the generator", 1, 100)
    critic_lr: float | None = option(None, "learning rate of the critic", 0)
    momentum: float | None = option(None, "beta1 of Adam, of both players", 0, 0.9999)
    schedule: Literal["constant", "fall"] | None = option(
        None, "of both learning rates; fall: constant for half of the epochs, then down to 1 %"
    )
    judge: str | None = option(
        None, "weights of a published network that judges; otherwise one learns the data first"
    )
    evaluate_every: int | None = option(None, "epochs between two judgements", 1)


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the images; the tutorials take the first 5/6 for training, in order."""
    if config.preset and config.network not in TUTORIAL:
        raise UserError(
            f"there is no tutorial of {config.network}: choose --network {' or '.join(TUTORIAL)}, "
            "or leave --preset out"
        )
    if config.width is not None and config.network != "resnet":
        raise UserError(
            f"--width {config.width}: {config.network} has the tutorial's widths; leave it out, or "
            "choose --network resnet"
        )
    found = load_images(config, data, report, 0.0)
    if config.conditional and found.train.label is None:
        raise UserError(
            f"--conditional: the images in {data} have no labels; give a folder with one "
            "subfolder a class, or leave it out"
        )
    return _first(found) if config.preset else _with_unseen(config, data, found, report)


def _first(found: DataSet) -> DataSet:
    """The first 5/6 of the training images, as the tutorials take them; the rest validates."""
    import torch

    cut, rows = len(found.train) * 5 // 6, torch.arange(len(found.train))
    valid = found.valid if found.valid is not None else found.train.subset(rows[cut:])
    return replace(found, train=found.train.subset(rows[:cut]), valid=valid)


def _with_unseen(config: Config, data: str, found: DataSet, report: Report) -> DataSet:
    """Set some images aside to tell the best epoch by, where some can be spared; the same ones
    for every seed, so that all runs over the data have one judge."""
    if found.valid is not None:
        return found
    try:
        return load_images(replace(config, seed=0), data, report)
    except UserError:  # too few are left that differ
        return found


def resolve(config: Config, data: DataSet) -> Config:
    """Choose what was left open, for the network, the loss and the size of the data."""
    chosen = (
        tutorial(config.network)
        if config.preset
        else searched(config.network, config.loss, data.train)
    )
    chosen["evaluate_every"] = judged_every(config, chosen, len(data.train))
    height, width = data.preprocessing["size"]
    found = replace(
        config,
        size=height if height == width else config.size,
        **{name: value for name, value in chosen.items() if vars(config)[name] is None},
    )
    assert found.batch is not None
    if found.network == "dcgan" and found.batch // found.grad_accum_steps < 2:
        raise UserError(
            f"--batch {found.batch} in --grad-accum-steps {found.grad_accum_steps}: the batch norm "
            "of dcgan needs two images in every part; give a larger batch or fewer parts"
        )
    return found


def build(config: Any, data: DataSet, device: torch.device) -> Built:
    """Two players, their optimizers and sources; in `config` nothing is left open."""
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.jobs.gan.evaluator import judge
    from handloom.jobs.generation.health import HealthLine, Reference

    referee = judge(config, data, device)
    record = _record(config, data, referee)
    objective = players.objective(config, record, device, referee)
    precision = Precision.resolve(device, config.precision)
    optimizers = players.optimizers(config, objective)
    train = _train(config, data.train, device)
    experiment = Experiment(
        objective=objective,
        train=train,
        optimizers=optimizers,
        epochs=config.epochs,
        networks={"generator": objective.eval_model, "prior": objective.prior},
        precision=precision,
        evaluations={"valid": _judged(objective.prior, record, referee, device)},
        evaluate_every=config.evaluate_every,
        monitor="valid/kid",
        lower_is_better=True,
        scheduled=players.scheduled(config, optimizers),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=config.cuda_graph,
    )
    watches: list[Watch] = [
        lambda run: Reference(run, referee),
        HealthLine,
        _drawing(config, record, objective, precision),
    ]
    notes = [*data.notes, *broken(data), *_few(data.train), referee.notice]
    return Built(single(experiment, watches), record, notes)


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """The generator and the prior of a finished run, from its config.json."""
    from handloom.models.generative.prior import Prior

    prior = Prior(record["latent"], record["prior"])
    return {"generator": players.player(record["network"], players.GENERATORS), "prior": prior}


def _train(config: Any, train: Images, device: torch.device) -> InMemoryLoader:
    from handloom.data.loaders import InMemoryLoader

    fields = {"image": train.image}
    if config.conditional:
        assert train.label is not None
        fields["label"] = train.label
    return InMemoryLoader(fields, config.batch, device, seed=config.seed)


def _latents(prior: nn.Module, count: int, seed: int) -> Tensor:
    """The same ones in every run, without touching the global generators, (count, D)."""
    import torch

    latent: Tensor = prior(count, torch.Generator().manual_seed(seed))
    return latent


def _judged(
    prior: nn.Module, record: dict[str, Any], referee: Judge, device: torch.device
) -> InMemoryLoader:
    """Latents that are judged, always the same, with labels as often as among real images."""
    import torch

    from handloom.data.loaders import InMemoryLoader

    fields = {"latent": _latents(prior, JUDGED, 1)}
    if record["conditional"]:
        known = bool(referee.record["shares"])  # a published network knows no classes
        turns = torch.arange(JUDGED) % len(record["classes"])
        fields["label"] = referee.labels(JUDGED) if known else turns
    return InMemoryLoader(fields, ROWS, device, shuffle=False)


def _drawing(
    config: Any, record: dict[str, Any], objective: Adversarial, precision: Precision
) -> Callable[[Any], Callback]:
    """Images of fixed latents while training, the classes in turn."""
    import torch

    from handloom.jobs.generation.generate import draw
    from handloom.jobs.generation.samples import Drawing

    latent, label = _latents(objective.prior, DRAWN, 2), None
    if record["conditional"]:
        label = torch.arange(DRAWN) % len(record["classes"])
    return lambda run: Drawing(
        run, lambda: draw(objective.eval_model, latent, precision, label), config.sample_every
    )


def _record(config: Any, data: DataSet, referee: Judge) -> dict[str, Any]:
    """What `networks` and every verb need, beside the options."""
    classes = list(data.train.classes) if config.conditional else []
    shape = {
        "kind": config.network,
        "size": [*data.train.size, data.train.channels],
        "classes": len(classes),
    }
    wide: tuple[dict[str, int], ...] = ({}, {})
    if config.network == "resnet":
        drawn = {"width": config.width, "full": max(4, config.width // 4)}
        wide = (drawn, {"width": config.width * 3 // 4})
    parts = {"train": data.train, "valid": data.valid, "test": data.test}
    return {
        "network": shape | {"latent": config.latent} | wide[0],
        "critic": shape | wide[1],
        "latent": config.latent,
        "prior": config.noise,
        "conditional": config.conditional,
        "classes": classes,
        "loss": config.loss,
        "judge": referee.record,
        "protocol": referee.protocol(JUDGED),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in parts.items() if part is not None},
    }


def _few(train: Images) -> list[str]:
    """Honest words about a set too small to learn more from than itself."""
    if len(train) >= FEW:
        return []
    return [
        f"{len(train):,} images are few: what is drawn will be close to some of them, changed a "
        "little at best; some thousands are needed for new ones"
    ]
