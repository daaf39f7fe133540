"""Small objectives that ask of the engine what real jobs will ask."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.data.loaders import EmptyLoader, InMemoryLoader
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.objective import Batch, Loss, Objective, Phase, freeze_bn_stats
from handloom.engine.optim import SGD, Adam, Optimizer
from handloom.engine.precision import Precision
from handloom.engine.schedule import one_cycle, scheduled_lr
from handloom.objectives.classification import Classification

CPU = torch.device("cpu")
FLOAT32 = Precision(CPU, None)


def images(count: int = 64, batch: int = 16, side: int = 6, seed: int = 0) -> InMemoryLoader:
    """Four classes: which quarter of the image is bright."""
    generator = torch.Generator().manual_seed(7)
    image = torch.randint(0, 90, (count, side, side, 1), dtype=torch.uint8, generator=generator)
    label = torch.arange(count) % 4
    half = side // 2
    for row, where in zip(image, label.tolist(), strict=True):
        down, right = divmod(where, 2)
        row[down * half : (down + 1) * half, right * half : (right + 1) * half] += 120
    return InMemoryLoader({"image": image, "label": label}, batch, seed=seed)


def convolutional(dropout: float = 0.0) -> nn.Module:
    """A network with everything a checkpoint must hold: batch norm, and dropout's generator."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(8 * 36, 4),
    )


def classifier(
    epochs: int = 3, optimizer: str = "sgd", augment: nn.Module | None = None, **more: object
) -> Experiment:
    """An experiment of the usual kind, with an EMA and a changing learning rate."""
    torch.manual_seed(1)
    network = convolutional(dropout=0.2).to(memory_format=torch.channels_last)
    objective = Classification(network, augment, label_smoothing=0.1, ema_decay=0.9)
    parameters = list(network.parameters())
    chosen: Optimizer = (
        SGD(parameters, 0.05, 0.9, True, 1e-4)
        if optimizer == "sgd"
        else Adam(parameters, 3e-3, weight_decay=0.01, decoupled=True)
    )
    source = images()
    held_out = images(40)
    held_out.shuffle = False
    return Experiment(
        objective,
        source,
        {"network": chosen},
        epochs,
        {"network": objective.eval_model},
        FLOAT32,
        evaluations={"valid": held_out},
        monitor="valid/accuracy",
        scheduled=scheduled_lr(chosen, one_cycle()),
        **more,  # type: ignore[arg-type]
    )


class LeastSquaresGAN(Objective):
    """LSGAN (Mao et al. 2017, arXiv:1611.04076) on one number: shift noise onto the data."""

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        self.every = every
        self.generator = nn.Sequential(
            nn.Linear(2, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 1)
        )
        # No batch norm here: it would hide from the critic where a batch lies.
        self.critic = nn.Sequential(nn.Linear(1, 16), nn.LeakyReLU(), nn.Linear(16, 1))

    def phases(self) -> list[Phase]:
        return [
            Phase("critic", self.critic_loss, list(self.critic.parameters())),
            Phase("generator", self.generator_loss, list(self.generator.parameters()), self.every),
        ]

    def fakes(self, batch: Batch) -> Tensor:
        return self.generator(torch.randn(len(batch["number"]), 2))  # type: ignore[no-any-return]

    def critic_loss(self, batch: Batch) -> Loss:
        with freeze_bn_stats(self.generator):
            fake = self.fakes(batch)
        real, false = self.critic(batch["number"]), self.critic(fake)
        return ((real - 1) ** 2).mean() + (false**2).mean(), {"real": real.mean()}

    def generator_loss(self, batch: Batch) -> Loss:
        fake = self.fakes(batch)
        with freeze_bn_stats(self.critic):
            score = self.critic(fake)
        return ((score - 1) ** 2).mean(), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"fake": self.fakes(batch), "number": batch["number"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"gap": (outputs["fake"].mean() - outputs["number"].mean()).abs()}


def adversaries(epochs: int = 1, every: int = 1, count: int = 320) -> Experiment:
    """Two networks over a normal distribution around 3."""
    torch.manual_seed(2)
    objective = LeastSquaresGAN(every)
    number = 3 + 0.5 * torch.randn(count, 1, generator=torch.Generator().manual_seed(3))
    return Experiment(
        objective,
        InMemoryLoader({"number": number}, 32),
        {
            "critic": Adam(list(objective.critic.parameters()), 5e-3, (0.5, 0.99)),
            "generator": Adam(list(objective.generator.parameters()), 5e-3, (0.5, 0.99)),
        },
        epochs,
        {"generator": objective.generator},
        FLOAT32,
    )


class Windows:
    """A text in windows of two symbols: row b of a batch goes on where it ended before."""

    def __init__(self, text: Tensor, rows: int = 8, window: int = 2) -> None:
        self.streams = text[: len(text) // rows * rows].view(rows, -1)
        self.batch_size, self.window = rows, window
        self.batch = {
            "tokens": torch.zeros(rows, window, dtype=torch.long),
            "target": torch.zeros(rows, window, dtype=torch.long),
            "first": torch.zeros(rows, dtype=torch.bool),
        }

    @property
    def steps(self) -> int:
        return (self.streams.shape[1] - 1) // self.window

    def batches(self, epoch: int, start: int = 0):  # type: ignore[no-untyped-def]
        for step in range(start, self.steps):
            here = step * self.window
            self.batch["tokens"].copy_(self.streams[:, here : here + self.window])
            self.batch["target"].copy_(self.streams[:, here + 1 : here + 1 + self.window])
            self.batch["first"].fill_(step == 0)
            yield self.batch


class Recurrent(Objective):
    """Next-symbol prediction that carries its hidden state from window to window, or does not."""

    hidden: Tensor

    def __init__(self, symbols: int, rows: int, width: int = 32, carry: bool = True) -> None:
        super().__init__()
        self.embedding, self.carry = nn.Embedding(symbols, width), carry
        self.network = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, symbols)
        self.register_buffer("hidden", torch.zeros(1, rows, width), persistent=False)

    def phases(self) -> list[Phase]:
        return [Phase("network", self.loss, list(self.parameters()))]

    def logits(self, batch: Batch) -> Tensor:
        keep = (~batch["first"]).float().view(1, -1, 1) * float(self.carry)
        found, hidden = self.network(self.embedding(batch["tokens"]), self.hidden * keep)
        with torch.no_grad():
            self.hidden.copy_(hidden)
        return self.head(found)  # type: ignore[no-any-return]

    def loss(self, batch: Batch) -> Loss:
        return F.cross_entropy(self.logits(batch).flatten(0, 1), batch["target"].flatten()), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        logits = self.logits(batch)
        nll = F.cross_entropy(logits.mT, batch["target"], reduction="none")
        return {"nll": nll.mean(1)}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"nll": outputs["nll"].mean()}


def text(epochs: int = 1, carry: bool = True, length: int = 1608) -> Experiment:
    """A text of four symbols that repeats after 40: two symbols say little about the next."""
    period = torch.randint(0, 4, (40,), generator=torch.Generator().manual_seed(11))
    source = Windows(period.repeat(length // 40 + 1)[:length])
    torch.manual_seed(4)
    objective = Recurrent(4, source.batch_size, carry=carry)
    optimizer = Adam(list(objective.parameters()), 1e-2)
    return Experiment(
        objective,
        source,
        {"network": optimizer},
        epochs,
        {"network": objective.network},
        FLOAT32,
        evaluations={"valid": source},
        clip=1.0,
    )


class Image(Objective):
    """An image that looks like a target through a blur, its pixels kept in [0, 1]."""

    target: Tensor

    def __init__(self, target: Tensor) -> None:
        super().__init__()
        self.pixels = nn.Parameter(torch.full_like(target, 0.5))
        self.register_buffer("target", target)

    def phases(self) -> list[Phase]:
        return [Phase("image", self.loss, [self.pixels], project=self.project)]

    @torch.no_grad()
    def project(self) -> None:
        self.pixels.clamp_(0, 1)

    def loss(self, batch: Batch) -> Loss:
        blurred = F.avg_pool2d(self.pixels, 3, 1, 1)
        return ((blurred - self.target) ** 2).sum(), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {}


def image(steps: int, optimizer: type[Optimizer], lr: float, top: float = 1.0) -> Experiment:
    """Pixels optimised over empty batches; with a `top` above 1 the projection must hold."""
    truth = top * torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(5))
    objective = Image(F.avg_pool2d(truth, 3, 1, 1))
    chosen = optimizer([objective.pixels], lr)
    return Experiment(objective, EmptyLoader(steps), {"image": chosen}, 1, {}, FLOAT32)


class StopAt(Callback):
    """Stops after a step."""

    def __init__(self, step: int) -> None:
        self.at = step

    def step(self, fit: Fit) -> None:
        if fit.progress.step == self.at:
            fit.progress.interrupted = True
