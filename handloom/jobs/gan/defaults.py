"""The numbers a generative pair is trained with, where a person names none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images

PLAIN: dict[str, Any] = dict(
    batch=128,
    latent=96,
    noise="uniform",
    ema_decay=0.0,
    augment="none",
    n_critic=1,
    schedule="constant",
)
TUTORIAL: dict[str, dict[str, Any]] = {
    "dense": dict(epochs=100, loss="minimax", lr=3e-4, critic_lr=3e-4, momentum=0.5),
    "dcgan": dict(epochs=50, loss="minimax", lr=3e-4, critic_lr=3e-4, momentum=0.5),
}
SEARCHED: dict[str, dict[str, Any]] = {
    "dense": dict(epochs=50, loss="minimax", lr=3e-4, critic_lr=3e-4, momentum=0.5),
    "dcgan": dict(epochs=30, loss="minimax", lr=3e-4, critic_lr=3e-4, momentum=0.5),
    "resnet": dict(epochs=30, loss="minimax", lr=5e-4, critic_lr=1e-3, momentum=0.0),
}
WASSERSTEIN: dict[str, Any] = dict(n_critic=5, lr=1e-4, critic_lr=1e-4, momentum=0.0)
FEW = 1_000  # images; below, the critic learns them by heart, and augmentation holds it back
STEPS = 20_000  # a small set is gone through more often, until there are about so many steps


def tutorial(network: str) -> dict[str, Any]:
    """The classic tutorial's training, to the letter."""
    return PLAIN | TUTORIAL[network]


def searched(network: str, loss: str | None, train: Images) -> dict[str, Any]:
    """Numbers for a network, a loss and a size of data; docs/log.md has what was tried."""
    count = len(train)
    chosen = PLAIN | {"noise": "normal", "ema_decay": 0.999, "schedule": "fall"} | SEARCHED[network]
    if network == "resnet":
        chosen |= {"latent": 128, "batch": 64, "width": 64}
    if loss == "wasserstein":
        chosen |= WASSERSTEIN  # Gulrajani et al. 2017 (arXiv:1704.00028), table 1
    batch = max(16, min(chosen["batch"], count // 8))
    epochs = max(chosen["epochs"], min(400, STEPS // max(1, count // batch)))
    few = {"augment": "diff"} if count < FEW else {}
    return chosen | few | {"batch": batch, "epochs": epochs}


# Images trained on in ten times the seconds that a judgement of 2,000 takes (0.6 to 0.8).
SEEN: dict[str, int] = {"dense": 150_000, "dcgan": 25_000, "resnet": 20_000}


def judged_every(config: Any, chosen: dict[str, Any], count: int) -> int:
    """Epochs between two judgements, so that they take about a tenth of the time at most; ten
    judgements are made all the same. count: training images."""
    epochs = config.epochs or chosen["epochs"]
    every: int = min(round(SEEN[config.network] / count), epochs // 10)
    return max(1, every)
