"""The linear members of a text classifier, solved on the training texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.text.ensemble import Ensemble

MOST_FEATURES = 1_000_000
MOST_WEIGHTS = 30_000_000  # features times classes, of the regression
ITERATIONS = 200
ABSENT = -20.0  # bias of a class without training texts


def features_of(
    tokens: Tensor, length: Tensor, vocabulary: int, orders: int, classes: int
) -> Tensor:
    """The runs of tokens that a model of so many classes can hold, int64 (F,)."""
    from handloom.models.text.ngrams import learn_keys

    most = min(MOST_FEATURES, max(10_000, MOST_WEIGHTS // classes))
    return learn_keys(tokens, length, vocabulary, orders, most)


def solve(
    ensemble: Ensemble,
    keys: Tensor,
    split: tuple[Tensor, Tensor, Tensor],
    strength: float,
    balanced: bool,
) -> None:
    """Count and solve whatever linear members there are.

    keys: of the features; split: tokens, length and label of the training texts; strength: C of
    the logistic regression; balanced: classes weigh in inverse proportion to their texts.
    """
    import torch

    from handloom.metrics.classification import balanced_weights
    from handloom.models.text.ngrams import padded_texts

    tokens, length, label = split
    ensemble.ngrams.keys.copy_(keys)
    rows, places, counts, done = [], [], [], 0
    cpu = ensemble.ngrams.to("cpu")
    for padded, part in padded_texts(tokens, length):
        place, count = cpu(padded, part)
        row, column = count.nonzero(as_tuple=True)
        rows.append(row + done)
        places.append(place[row, column])
        counts.append(count[row, column])
        done += len(part)
    row, place, count = torch.cat(rows), torch.cat(places), torch.cat(counts)
    if ensemble.bayes is not None:
        weight = balanced_weights(label, ensemble.bayes.table.shape[1]) if balanced else None
        ensemble.bayes.count(place, label[row], weight)
    if ensemble.linear is not None:
        _regress(ensemble, row, place, count, label, strength, balanced)


def _regress(
    ensemble: Ensemble,
    row: Tensor,
    place: Tensor,
    count: Tensor,
    label: Tensor,
    strength: float,
    balanced: bool,
) -> None:
    """Logistic regression on (1 + log count) * idf, in rows of length 1."""
    import torch
    from scipy.sparse import csr_matrix

    linear, texts = ensemble.linear, len(label)
    assert linear is not None
    features, classes = linear.weight.shape
    df = torch.bincount(place, minlength=features)
    idf = ((1 + texts) / (1 + df)).log() + 1  # scikit-learn's smooth idf
    linear.idf.copy_(idf.float())
    value = (1 + count.double().log()) * idf.double()[place]
    norm = torch.zeros(texts, dtype=torch.float64).scatter_add(0, row, value**2).sqrt()
    value = value / norm[row]
    shape = (texts, features)
    matrix = csr_matrix((value.numpy(), (row.numpy(), place.numpy())), shape=shape)
    weight, bias = logistic_regression(matrix, label, strength, balanced, classes)
    with torch.no_grad():
        linear.weight.copy_(weight)
        linear.bias.copy_(bias)


def logistic_regression(
    matrix: Any, label: Tensor, strength: float, balanced: bool, classes: int
) -> tuple[Tensor, Tensor]:
    """Weight float32 (F, K) and bias (K,) by scikit-learn, from features (N, F) and labels (N,).

    strength: C. balanced: classes weigh in inverse proportion to their texts. A class without a
    text has no chance.
    """
    import warnings

    import numpy as np
    import torch
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    weight = torch.zeros(matrix.shape[1], classes)
    bias = torch.full((classes,), ABSENT)
    known = label.unique()
    if len(known) == 1:  # of few texts, in a trial: scikit-learn refuses what has one answer
        bias[known] = 0.0
        return weight, bias
    model = LogisticRegression(
        C=strength, max_iter=ITERATIONS, class_weight="balanced" if balanced else None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # what 200 steps leave is noise
        model.fit(matrix, label.numpy())
    rows, offsets = model.coef_, model.intercept_
    if len(known) == 2:  # one row: its logit is shared out between both
        rows, offsets = np.concatenate([-rows, rows]) / 2, np.concatenate([-offsets, offsets]) / 2
    weight[:, known] = torch.from_numpy(rows.T.copy()).float()
    bias[known] = torch.from_numpy(offsets.copy()).float()
    return weight, bias
