"""Multinomial logistic regression by scikit-learn, as the weights of a linear layer."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController
    from torch import Tensor

ITERATIONS = 200
SMALL = 4_000_000  # numbers, below which threads wait for each other longer than they compute
ABSENT = -20.0  # bias of a class without examples
# Texts up to which several classes are solved among the texts and not among their features: 6 times
# as fast for 1,000 texts of 10 classes, 2.7 times for 2,000, 1.4 for 4,000; slower for 2 classes.
FEW = 2000


class LinearSolution(NamedTuple):
    """Weights of a linear layer. weight: float32 (K, D); bias: float32 (K,)."""

    weight: Tensor
    bias: Tensor


def logistic(
    features: Any, label: Tensor, classes: int, strength: float, is_balanced: bool = False
) -> LinearSolution:
    """Minimise the cross-entropy summed over the examples plus |weight|^2 / (2 strength); of two
    classes |weight| is that of their difference, as scikit-learn has it.

    features: (N, D), an array or a sparse matrix; label: int64 (N,), places among `classes`;
    is_balanced: classes weigh in inverse proportion to their examples. A class without examples
    gets no weights and a bias that keeps it from being an answer.
    """
    import numpy as np
    import torch
    from scipy.sparse import issparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    weight, bias = torch.zeros(classes, features.shape[1]), torch.full((classes,), ABSENT)
    present = label.unique()
    if len(present) == 1:  # nothing to tell apart
        bias[present] = 0.0
        return LinearSolution(weight, bias)
    model = LogisticRegression(
        C=strength, max_iter=ITERATIONS, class_weight="balanced" if is_balanced else None
    )
    few = len(label) <= min(FEW, features.shape[1])
    solve = fit_among_examples if issparse(features) and few and len(present) > 2 else fit
    with warnings.catch_warnings(), _threads().limit(limits=1 if features.size < SMALL else None):
        warnings.simplefilter("ignore", ConvergenceWarning)  # what 200 steps leave is noise
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        solved, offset = solve(model, features, label.numpy())
    if len(present) == 2:  # one row: its logit is shared out between both
        solved = np.concatenate([-solved, solved]) / 2
        offset = np.concatenate([-offset, offset]) / 2
    weight[present] = torch.from_numpy(solved.copy()).float()
    bias[present] = torch.from_numpy(offset.copy()).float()
    return LinearSolution(weight, bias)


@cache
def _threads() -> ThreadpoolController:
    """Of scikit-learn's libraries, which take as long to find as a small problem to solve."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def fit(model: Any, features: Any, label: Any) -> tuple[Any, Any]:
    """Weights (K, D) and biases (K,) of scikit-learn's model, float64."""
    model.fit(features, label)
    return model.coef_, model.intercept_


def fit_among_examples(model: Any, features: Any, label: Any) -> tuple[Any, Any]:
    """The same of sparse features, solved for N numbers a class in place of D.

    The weights are sums of the examples (Kimeldorf and Wahba 1971), so they have coordinates in an
    orthonormal basis Q of what the examples span: with X X' = L L', Q' = inv(L) X, and the examples
    have the coordinates L. A change of basis alters neither |weight| nor a step of L-BFGS.
    """
    import numpy as np

    gram = (features @ features.T).toarray()
    # Equal or empty examples have no inverse without this, which changes a logit by about 1e-9.
    gram[np.diag_indices_from(gram)] += 1e-10 * (gram.trace() / len(gram) or 1.0)
    lower = np.linalg.cholesky(gram)
    weight, bias = fit(model, lower, label)
    return np.linalg.solve(lower.T, weight.T).T @ features, bias
