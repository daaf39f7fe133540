"""The contract: batch norms that stay frozen while the rest of a network is fine-tuned."""

import torch
from torch import nn

from handloom.engine.loop import Fit
from tests.engine.toys import classifier


def test_frozen_batch_norms_keep_their_statistics_and_normalise_with_them() -> None:
    built = classifier(2)
    network = built.objective.get_submodule("network")
    norm = network.get_submodule("1")
    assert isinstance(norm, nn.BatchNorm2d)
    with torch.no_grad():
        norm.get_buffer("running_mean").fill_(0.5)
    before = {name: buffer.clone() for name, buffer in norm.named_buffers()}
    weight = norm.weight.detach().clone()
    built.objective.freeze_batch_norms(network)
    Fit(built).run()
    assert all(torch.equal(buffer, before[name]) for name, buffer in norm.named_buffers())
    assert not torch.equal(norm.weight, weight)  # it still learns
    built.objective.train()
    features = torch.randn(4, 8, 6, 6)
    expected = (features - 0.5) / torch.sqrt(norm.running_var[:, None, None] + norm.eps)  # type: ignore[index]
    expected = norm.weight[:, None, None] * expected + norm.bias[:, None, None]
    torch.testing.assert_close(norm(features), expected)


def test_the_rest_of_the_network_trains_in_training_mode() -> None:
    built = classifier(1)
    network = built.objective.get_submodule("network")
    built.objective.freeze_batch_norms(network)
    built.objective.train()
    assert network.get_submodule("3").training  # dropout
    assert not network.get_submodule("1").training
    built.objective.eval()
    assert not network.get_submodule("3").training


def test_without_it_statistics_are_learnt() -> None:
    built = classifier(1)
    norm = built.objective.get_submodule("network").get_submodule("1")
    Fit(built).run()
    assert norm.get_buffer("num_batches_tracked") == 4


def test_frozen_batch_norms_do_not_move_before_the_first_step_either() -> None:
    objective = classifier(1).objective
    network = objective.get_submodule("network")
    objective.freeze_batch_norms(network)
    mean = network.get_submodule("1").get_buffer("running_mean")
    before = mean.clone()
    network(torch.randn(4, 1, 6, 6))
    assert torch.equal(mean, before)
