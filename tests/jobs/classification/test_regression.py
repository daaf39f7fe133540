"""Logistic regression as the weights of a linear layer."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from handloom.jobs.classification.regression import ABSENT, fit, fit_among_examples, logistic


def data(classes: int) -> tuple[np.ndarray, torch.Tensor]:
    random = np.random.default_rng(0)
    label = np.arange(60) % classes
    return (random.normal(size=(60, 5)) + label[:, None]).astype(np.float32), torch.tensor(label)


@pytest.mark.parametrize("classes", [2, 3])
def test_it_gives_the_probabilities_of_scikit_learn(classes: int) -> None:
    features, label = data(classes)
    solved = logistic(features, label, classes, 0.5)
    logits = torch.from_numpy(features) @ solved.weight.T + solved.bias
    model = LogisticRegression(C=0.5, max_iter=200).fit(features, label.numpy())
    expected = torch.from_numpy(model.predict_proba(features)).float()
    torch.testing.assert_close(logits.softmax(1), expected, atol=1e-4, rtol=1e-4)


def test_sparse_features_give_the_same() -> None:
    features, label = data(3)
    dense, sparse = (logistic(f, label, 3, 0.5) for f in (features, csr_matrix(features)))
    torch.testing.assert_close(dense.weight, sparse.weight, atol=1e-3, rtol=1e-2)


def test_a_class_without_examples_is_never_an_answer() -> None:
    features, label = data(2)
    solved = logistic(features, label * 2, 3, 0.5)
    assert solved.weight.shape == (3, 5)
    assert solved.bias[1] == ABSENT
    logits = torch.from_numpy(features) @ solved.weight.T + solved.bias
    assert not (logits.argmax(1) == 1).any()


def test_a_single_class_is_always_the_answer() -> None:
    features, _ = data(2)
    solved = logistic(features, torch.full((60,), 2), 4, 0.5)
    assert (torch.from_numpy(features) @ solved.weight.T + solved.bias).argmax(1).unique() == 2


def test_balanced_weights_find_more_of_a_rare_class() -> None:
    random = np.random.default_rng(1)
    label = torch.zeros(200, dtype=torch.int64)
    label[:12] = 1
    features = random.normal(size=(200, 2)).astype(np.float32)
    features[:12] += 1
    found = [
        int((torch.from_numpy(features[:12]) @ s.weight.T + s.bias).argmax(1).sum())
        for s in (logistic(features, label, 2, 1.0), logistic(features, label, 2, 1.0, True))
    ]
    assert found[1] > found[0]


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_few_texts_give_what_their_features_give(class_weight: str | None) -> None:
    """Some of them are equal, also of several classes, so they have no inverse."""
    random = np.random.default_rng(2)
    dense = np.where(random.random((50, 300)) < 0.1, random.random((50, 300)), 0.0)
    dense[40:] = dense[:10]
    label = np.concatenate([np.zeros(9), random.integers(0, 3, 41)])
    model = LogisticRegression(C=4.0, max_iter=10_000, tol=1e-9, class_weight=class_weight)
    features = csr_matrix(dense)
    for found, expected in zip(
        fit_among_examples(model, features, label), fit(model, features, label), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("classes", "texts", "is_among"), [(3, 50, True), (2, 50, False), (3, 51, False)]
)
def test_several_classes_of_few_texts_are_solved_among_the_texts(
    classes: int, texts: int, is_among: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others would take longer so."""
    module = "handloom.jobs.classification.regression"
    monkeypatch.setattr(f"{module}.FEW", 50)
    monkeypatch.setattr(f"{module}.{'fit' if is_among else 'fit_among_examples'}", None)
    monkeypatch.setattr(
        f"{module}.{'fit_among_examples' if is_among else 'fit'}",
        lambda *_: (np.ones((1 if classes == 2 else classes, 80)), np.ones(1)),
    )
    features = csr_matrix(np.random.default_rng(0).random((texts, 80)))
    solved = logistic(features, torch.arange(texts) % classes, classes, 1.0)
    assert solved.weight.count_nonzero() == classes * 80


def test_examples_without_a_feature_are_answered_by_frequency() -> None:
    label = torch.tensor([0, 1, 2, 2, 2, 2])
    solved = logistic(csr_matrix((6, 100)), label, 3, 1.0)
    expected = torch.tensor([1, 1, 4]) / 6
    torch.testing.assert_close(solved.bias.softmax(0), expected, atol=1e-3, rtol=0)
    assert not solved.weight.any()
