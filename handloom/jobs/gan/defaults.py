"""Default training options of GANs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.jobs.gan.config import Config

PLAIN: Options = dict(
    batch=128,
    weight_decay=0.0,
    latent_dim=96,
    prior="uniform",
    ema_decay=0.0,
    augment="none",
    n_critic=1,
    schedule="constant",
)
TUTORIAL: dict[str, Options] = {
    "dense": dict(epochs=10, loss="minimax", lr=3e-4, discriminator_lr=3e-4, beta1=0.5),
    "dcgan": dict(epochs=5, loss="minimax", lr=3e-4, discriminator_lr=3e-4, beta1=0.5),
}
DEFAULTS: dict[str, Options] = {
    "dense": dict(epochs=50, loss="minimax", lr=3e-4, discriminator_lr=3e-4, beta1=0.5),
    "dcgan": dict(epochs=30, loss="minimax", lr=3e-4, discriminator_lr=3e-4, beta1=0.5),
    "resnet": dict(epochs=30, loss="minimax", lr=5e-4, discriminator_lr=1e-3, beta1=0.0),
}
WASSERSTEIN: Options = dict(n_critic=5, lr=1e-4, discriminator_lr=1e-4, beta1=0.0)
FEW = 1_000  # images; with fewer, the discriminator memorizes them unless they are augmented
STEPS = 20_000  # a small set gets more epochs, up to about this many steps


def tutorial(network: str) -> Options:
    """The training options of the classic tutorial."""
    return PLAIN | TUTORIAL[network]


def defaults(network: str, loss: str | None, train: Images) -> Options:
    """Options for a network, a loss and a number of images; docs/log.md says what was tried."""
    count = len(train)
    chosen = PLAIN | {"prior": "normal", "ema_decay": 0.999, "schedule": "fall"} | DEFAULTS[network]
    if network == "resnet":
        chosen |= {"latent_dim": 128, "batch": 64, "width": 64}
    if loss == "wasserstein":
        chosen |= WASSERSTEIN  # Gulrajani et al. 2017 (arXiv:1704.00028), table 1
    batch = max(16, min(chosen["batch"], count // 8))
    epochs = max(chosen["epochs"], min(400, STEPS // max(1, count // batch)))
    few = {"augment": "diff"} if count < FEW else {}
    return chosen | few | {"batch": batch, "epochs": epochs}


# Images that train in ten times the duration of an evaluation of 2,000 images (0.6 to 0.8 s).
PER_EVALUATION: dict[str, int] = {"dense": 150_000, "dcgan": 25_000, "resnet": 20_000}


def evaluation_interval(config: Config, chosen: Options, count: int) -> int:
    """Epochs between two evaluations: they take at most about a tenth of the time, but there are
    at least ten. count: training images."""
    epochs = config.epochs or chosen["epochs"]
    every: int = min(round(PER_EVALUATION[config.network] / count), epochs // 10)
    return max(1, every)
