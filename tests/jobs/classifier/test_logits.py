"""A pretrained network answers with its batch norms folded, and says the same."""

import torch
from torch import nn

from handloom.engine.inference import logits_of as plain
from handloom.engine.precision import Precision
from handloom.jobs.classifier.logits import logits_of, probabilities
from handloom.jobs.loading import Loaded
from handloom.models.image.transferred import Transferred
from handloom.runs.directory import RunDirectory

SHAPE = {"size": [16, 16], "channels": 3}


def loaded(network: nn.Module, temperature: float = 1.0) -> Loaded:
    config = {"preprocessing": SHAPE, "temperature": temperature}
    precision = Precision(torch.device("cpu"), None)
    return Loaded(RunDirectory.__new__(RunDirectory), config, {"network": network}, precision)


def backbone() -> nn.Sequential:
    norm = nn.BatchNorm2d(8)
    with torch.no_grad():  # statistics as of a training, not 0 and 1
        norm.running_mean.uniform_(-1, 1)  # type: ignore[union-attr]
        norm.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    pool = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(nn.Conv2d(3, 8, 3), norm, nn.ReLU(), pool, nn.Flatten())


def test_folded_once_and_the_same_logits() -> None:
    torch.manual_seed(0)
    network = Transferred(backbone(), 8, 4, hflip_tta=True).eval()
    run, pixels = loaded(network, 2.0), torch.randint(0, 256, (5, 16, 16, 3), dtype=torch.uint8)
    made = logits_of(run, pixels)
    assert torch.allclose(made, plain(network, pixels, run.precision), atol=1e-5)
    assert torch.allclose(probabilities(run, pixels), (made / 2).softmax(1))
    used = run.opened("network for answers", lambda: nn.Identity())
    assert not any(isinstance(each, nn.BatchNorm2d) for each in used.modules())
    assert any(isinstance(each, nn.BatchNorm2d) for each in network.modules())
    assert used.head is network.head


def test_a_network_from_scratch_stays_as_it_was_trained() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(768, 4)).eval()
    run, pixels = loaded(network), torch.randint(0, 256, (3, 16, 16, 3), dtype=torch.uint8)
    assert torch.equal(logits_of(run, pixels), plain(network, pixels, run.precision))
    assert run.opened("network for answers", lambda: nn.Identity()) is network
