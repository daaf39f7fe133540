"""Small pairs of generator and discriminator, and the training of one."""

import torch

from handloom.engine.loop import Experiment
from handloom.engine.objective import Batch
from handloom.engine.optim import Adam
from handloom.models.generative.dense_gan import DenseDiscriminator, DenseGenerator
from handloom.models.generative.prior import Prior
from handloom.objectives.adversarial import Adversarial
from tests.engine.toys import FLOAT32, images


def experiment(
    objective: Adversarial, source: object, lr: float = 1e-3, momentum: float = 0.5, **more: object
) -> Experiment:
    optimizers = {
        phase.name: Adam(phase.parameters, lr, (momentum, 0.999)) for phase in objective.phases()
    }
    return Experiment(objective, source, optimizers, 1, {}, FLOAT32, **more)  # type: ignore[arg-type]


def small(criterion: str = "minimax", classes: int = 0, **more: object) -> Adversarial:
    torch.manual_seed(0)
    generator = DenseGenerator((6, 6, 1), 8, (16,), classes)
    discriminator = DenseDiscriminator((6, 6, 1), (16,), classes=classes)
    return Adversarial(generator, discriminator, Prior(8, "normal"), criterion, **more)  # type: ignore[arg-type]


def batch() -> Batch:
    return next(images(16, 16).batches(0))
