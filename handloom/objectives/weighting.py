"""Cross-entropy with weights of classes whose gradient does not depend on how a batch is cut."""

from torch import Tensor
from torch.nn import functional as F


def weighted_cross_entropy(
    logits: Tensor, label: Tensor, weight: Tensor | None, label_smoothing: float = 0.0
) -> Tensor:
    """Mean over the rows of -w[label] log softmax(logits)[label], a scalar.

    logits (B, K); label int64 (B,); weight (K,), whose mean over the training examples is 1, or
    None. torch divides by the weights of the batch instead: the gradient of a batch is then another
    one than the mean of its micro-batches'. label_smoothing: as of F.cross_entropy.
    """
    if weight is None:
        return F.cross_entropy(logits, label, label_smoothing=label_smoothing)
    losses = F.cross_entropy(
        logits, label, weight, reduction="none", label_smoothing=label_smoothing
    )
    return losses.mean()
