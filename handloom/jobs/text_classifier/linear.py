"""The linear members of a text classifier, solved on the training texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.text.ensemble import Ensemble

MOST_FEATURES = 1_000_000
MOST_WEIGHTS = 30_000_000  # features times classes, of the regression


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

    from handloom.jobs.classification.regression import logistic

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
    weight, bias = logistic(matrix, label, classes, strength, balanced)
    with torch.no_grad():
        linear.weight.copy_(weight.T)
        linear.bias.copy_(bias)
