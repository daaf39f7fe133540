"""A linear probe, and how what chooses its strength is divided."""

import torch

from handloom.jobs.simclr.probe import linear_probe, probe_folds


def test_every_class_is_in_both_folds_and_copies_are_in_one() -> None:
    label = torch.tensor([0] * 40 + [1] * 6 + [2] * 2)
    group = [min(row, 30) for row in range(40)] + [40, 40, 40, 43, 44, 45] + [46, 47]
    fold = probe_folds(label, group)
    assert set(fold.tolist()) == {0, 1}
    for kind in range(3):
        assert set(fold[label == kind].tolist()) == {0, 1}
    for number in set(group):
        assert len({int(fold[row]) for row, each in enumerate(group) if each == number}) == 1
    alone = probe_folds(label, None)
    counts = [int(((label == kind) & (alone == 0)).sum()) for kind in range(3)]
    assert counts == [20, 3, 1]


def test_copies_of_everything_are_divided_all_the_same() -> None:
    assert set(probe_folds(torch.tensor([0, 0, 1, 1]), [0, 0, 0, 0]).tolist()) == {0, 1}


def test_what_a_line_divides_is_all_right() -> None:
    random = torch.Generator().manual_seed(0)
    label = torch.arange(60) % 3
    features = torch.eye(3)[label] * 4 + torch.randn(60, 3, generator=random) * 0.1
    probed = linear_probe(features[:45], label[:45], features[45:], 3, list(range(45)))
    assert probed.equal(label[45:])
