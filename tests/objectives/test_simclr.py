"""SimCLR: gradients where they are declared, no waiting, and what is measured on unseen images."""

from functools import partial

import pytest
import torch
from torch import Tensor

from handloom.data.loaders import InMemoryLoader
from handloom.engine.evaluate import evaluate
from handloom.engine.loop import Experiment, Fit
from handloom.engine.optim import Adam
from handloom.engine.precision import Precision
from handloom.models.image.resnet import ResNet
from handloom.models.layers.projection import Projection
from handloom.models.layers.views import Views
from handloom.objectives.contrastive import (
    nt_xent,
    pairwise_contrastive,
    semi_hard_triplet,
    supervised_contrastive,
)
from handloom.objectives.simclr import Contrast, SimCLR
from tests.engine.conftest import NoWaiting

CPU = torch.device("cpu")
LOSSES: dict[str, Contrast] = {
    "nt-xent": partial(nt_xent, temperature=0.5),
    "supervised": partial(supervised_contrastive, temperature=0.1),
    "pairwise": partial(pairwise_contrastive, margin=1.0),
    "triplet": partial(semi_hard_triplet, margin=0.2),
}


def images(count: int = 32) -> tuple[Tensor, Tensor]:
    """Images of four classes, each with a stripe at a place of its own, and noise."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(count) % 4
    image = torch.randint(0, 60, (count, 12, 12, 3), dtype=torch.uint8, generator=generator)
    for row, place in enumerate(label.tolist()):
        image[row, 3 * place : 3 * place + 2] += 150
    return image, label


def experiment(loss: str = "nt-xent", **views: float) -> Experiment:
    torch.manual_seed(0)
    image, label = images()
    network = ResNet((12, 12, 3), 1, 16)
    network.add_module("head", Projection(32, 32, 16))
    given = {"crop": 0.5, "color": 0.5, "blur": 0.5, "rotate": 10.0, "noise": 0.02} | views
    objective = SimCLR(network, Views((12, 12), **given), LOSSES[loss], loss != "nt-xent")  # type: ignore[arg-type]
    held_out = torch.arange(len(image)) >= 24
    known = {"image": image, "label": label, "held_out": held_out}
    return Experiment(
        objective=objective,
        train=InMemoryLoader({"image": image, "label": label}, 16, CPU),
        optimizers={"network": Adam(list(network.parameters()), 1e-3)},
        epochs=1,
        networks={"network": network},
        precision=Precision.resolve(CPU, "float32"),
        evaluations={"valid": InMemoryLoader(known, 10, CPU, shuffle=False)},
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_a_whole_epoch_of_steps_does_not_wait(loss: str) -> None:
    fit = Fit(experiment(loss))
    batches = fit.experiment.train.batches(0)
    with NoWaiting():
        for batch in batches:
            for step in fit.steps:
                step(batch)
    assert fit.steps[0].calls == 2


def test_the_loss_is_that_of_two_views_of_each_image() -> None:
    """Without randomness both views are the image, so the loss is known."""
    built = experiment()
    objective = built.objective
    assert isinstance(objective, SimCLR)
    objective.views = torch.nn.Identity()
    objective.eval()
    batch = next(iter(built.train.batches(0)))
    loss, _ = objective.loss(batch)
    z = torch.nn.functional.normalize(objective.network(batch["image"]), dim=1)
    torch.testing.assert_close(loss, nt_xent(torch.cat([z, z]), None, 0.5))


def test_gradients_reach_the_network_alone() -> None:
    built = experiment()
    batch = next(iter(built.train.batches(0)))
    loss, _ = built.objective.loss(batch)  # type: ignore[attr-defined]
    loss.backward()
    assert all(p.grad is not None for p in built.networks["network"].parameters())
    assert [name for name, _ in built.objective.named_parameters() if "network" not in name] == []


def test_it_overfits_few_images() -> None:
    """Embeddings of unseen images of four stripes become separable; the loss falls far."""
    built = experiment(crop=1.0, rotate=0.0, color=0.2, blur=0.0)
    built.epochs = 30
    fit = Fit(built)
    first = evaluate(built.objective, built.evaluations["valid"], built.precision)
    for epoch in range(30):
        for batch in built.train.batches(epoch):
            for step in fit.steps:
                step(batch)
        if epoch in (0, 29):
            means = fit.training_means()
            if epoch == 0:
                begin = means["train/loss"]
            for step in fit.steps:
                step.clear()
    assert means["train/loss"] < begin - 0.5
    last = evaluate(built.objective, built.evaluations["valid"], built.precision)
    assert last["knn"] >= max(first["knn"], 0.9)
    assert last["uniformity"] < first["uniformity"]


def test_evaluations_of_one_network_are_the_same_to_the_bit() -> None:
    built = experiment()
    source = built.evaluations["valid"]
    torch.manual_seed(1)
    first = evaluate(built.objective, source, built.precision)
    torch.manual_seed(2)
    assert evaluate(built.objective, source, built.precision) == first
    assert set(first) == {"alignment", "uniformity", "knn"}


def test_without_labels_there_is_no_accuracy() -> None:
    built = experiment()
    image, _ = images()
    source = InMemoryLoader({"image": image, "held_out": torch.ones(32, dtype=torch.bool)}, 10, CPU,
                            shuffle=False)  # fmt: skip
    metrics = evaluate(built.objective, source, built.precision)
    assert set(metrics) == {"alignment", "uniformity"}
