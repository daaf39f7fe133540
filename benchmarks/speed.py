"""Training speed beside the tutorials' way, a bare loop and Lightning, in one run.

usage: HANDLOOM_DATA=DATA python -m benchmarks.speed LISTINGS.py [--epochs 5] [--only mlp cnn lenet]
           [--cpu-time]

LISTINGS.py holds EXPERIMENTS: name -> function(root, fraction) -> epochs, generators that yield
(samples seen, loss) after an epoch of plain PyTorch with a DataLoader. For each network one `fit`
runs with every usual callback (checkpoints, metrics.jsonl, TensorBoard, keep-best) and, between
its epochs, the others run one epoch of theirs, so that all see the same machine. An epoch is wall
time, callbacks included; set-up and the first epoch are left out. Prints JSON lines and a table.
"""

import importlib.util
import json
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.arguments import data_folder
from benchmarks.machine import machine
from benchmarks.turns import (
    Epoch,
    arguments,
    begin,
    clock,
    load_listings,
    speeds,
    take_turns,
    tutorial,
)
from handloom.config import check
from handloom.engine.precision import pick_device
from handloom.jobs.classifier import build as classifier
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.experiment import source

CASES = {
    "mlp": ("mlp-mnist", "mnist", 12.0),
    "cnn": ("cnn-cifar10", "cifar10", 3.5),
    "lenet": ("lenet-fashion", "fashion-mnist", 3.0),
}


def main() -> None:
    parser = arguments(__doc__, CASES, 5)
    options = parser.parse_args()
    begin(options)
    listings = load_listings(options.listings)
    rows = []
    for network in options.only:
        rows.append(compare(network, listings, options.epochs))
        print(json.dumps(rows[-1]), flush=True)
    print(table(rows))


def compare(network: str, listings: Any, epochs: int) -> dict[str, Any]:
    name, data, goal = CASES[network]
    config, experiment = _experiment(network, data, epochs + 1)
    root = str(data_folder())
    rivals: dict[str, Epoch] = {
        "tutorial": tutorial(listings.EXPERIMENTS[name](root, 1.0)),
        "bare": _bare(*_experiment(network, data, 1)),
    }
    if importlib.util.find_spec("lightning") is not None:
        rivals["lightning"] = _lightning(*_experiment(network, data, 1))
    turns = take_turns(experiment, "classifier", rivals)
    return {
        "network": network,
        "goal": goal,
        **speeds(turns),
        "loss_after": {k: round(v[-1], 4) for k, v in turns.losses.items()},
        "batch": config.batch,
        "precision": experiment.precision.name,
        "seed": config.seed,
        "clock": clock.name,
        "machine": machine(),
    }


def _experiment(network: str, data: str, epochs: int) -> tuple[Any, Any]:
    """The tutorial's training as the command line builds it. lenet evaluates its training set."""
    device = pick_device()
    config = check(Config, {"network": network, "preset": "tutorial", "epochs": epochs})
    loaded = classifier.load(config, data, lambda *_: None)
    config = classifier.resolve(config, loaded)
    torch.manual_seed(config.seed)
    experiment = classifier.build(config, loaded, device).experiment
    training_set = source(loaded.train, 512, device)
    experiment.evaluations = {"train-set": training_set} if network == "lenet" else {}
    experiment.monitor = None
    return config, experiment


def _bare(config: Any, experiment: Any) -> Epoch:
    """The loop a careful person writes by hand over the same tensors, network and optimizer."""
    network = experiment.objective.network.train()
    optimizer = experiment.optimizers["network"]
    parameters, count = optimizer.parameters, 0

    def loss_of(batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        for parameter in parameters:
            parameter.grad = None
        with experiment.precision.autocast():
            logits = network(batch["image"])
        loss = F.cross_entropy(logits.float(), batch["label"])
        loss.backward(inputs=parameters)
        return loss.detach(), (logits.detach().argmax(1) == batch["label"]).float().mean()

    def run() -> tuple[float, float]:
        nonlocal count
        began, total, correct = clock(), torch.zeros(()), torch.zeros(())
        for batch in experiment.train.batches(count):
            loss, accuracy = loss_of(batch)
            optimizer.step(lambda: loss)  # noqa: B023 - called at once
            total += loss
            correct += accuracy
        count += 1
        if experiment.evaluations:
            network.eval()
            with torch.no_grad(), experiment.precision.autocast():
                correct_counts = [
                    (network(b["image"]).argmax(1) == b["label"]).sum()
                    for b in experiment.evaluations["train-set"].batches(0)
                ]
            torch.stack(correct_counts).sum().item()
            network.train()
        samples = experiment.train.steps * experiment.train.batch_size
        return samples / (clock() - began), total.item() / experiment.train.steps

    return run


def _lightning(config: Any, experiment: Any) -> Epoch:
    """Lightning's Trainer over a DataLoader of in-memory float tensors, with torch's layers."""
    import logging

    import lightning
    from torch.utils.data import DataLoader, TensorDataset

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    fields = experiment.train.fields
    image = fields["image"].permute(0, 3, 1, 2).float().div(255)
    loader = DataLoader(
        TensorDataset(image, fields["label"]), config.batch, shuffle=True, drop_last=True
    )

    training_set = DataLoader(loader.dataset, 512) if experiment.evaluations else None

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = experiment.objective.network

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            loss = F.cross_entropy(self.network(batch[0]), batch[1])
            self.log("loss", loss, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> torch.Tensor:
            return (self.network(batch[0]).argmax(1) == batch[1]).sum()

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(
                self.network.parameters(), config.lr, config.momentum,
                weight_decay=config.weight_decay, nesterov=config.momentum > 0,
            )  # fmt: skip

    class Clock(lightning.Callback):
        def on_train_epoch_start(self, *_: Any) -> None:
            self.began = clock()

        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            self.seconds = clock() - self.began
            self.loss = float(trainer.callback_metrics["loss"])

    module = Module()

    def run() -> tuple[float, float]:
        clock = Clock()
        lightning.Trainer(
            max_epochs=1, accelerator="auto", logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, callbacks=[clock],
            num_sanity_val_steps=0,
        ).fit(module, loader, training_set)  # fmt: skip
        return len(loader) * config.batch / clock.seconds, clock.loss

    return run


def table(rows: list[dict[str, Any]]) -> str:
    heads = "network | goal | over the tutorial | over bare | over Lightning | samples/s | loss"
    lines = [f"| {heads} |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        over = {name: f"{row['best_over_best'][name]} ({' / '.join(map(str, row['pairs'][name]))})"
                for name in row["pairs"]}  # fmt: skip
        lines.append(
            f"| {row['network']} | {row['goal']} | {over['tutorial']} | {over['bare']} | "
            f"{over.get('lightning', 'not installed')} | {row['samples_per_second']['fit']:,} | "
            f"{row['loss_after']['fit']} against {row['loss_after']['tutorial']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
