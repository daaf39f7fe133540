"""TF-IDF features: what scikit-learn makes of the same counts."""

import pytest
import torch
from sklearn.feature_extraction.text import TfidfTransformer

from handloom.models.text.linear import TfidfLinear


def test_values_equal_scikit_learn() -> None:
    count = torch.tensor([[2.0, 1, 0], [0, 3, 1], [1, 0, 0]])
    transformer = TfidfTransformer(sublinear_tf=True).fit(count.numpy())
    linear = TfidfLinear(3, 2)
    linear.idf.copy_(torch.from_numpy(transformer.idf_))
    values = linear.values(torch.arange(3).expand(3, 3), count)
    wanted = torch.from_numpy(transformer.transform(count.numpy()).toarray()).float()
    torch.testing.assert_close(values, wanted)


def test_a_text_without_features_has_the_bias() -> None:
    linear = TfidfLinear(3, 2)
    with torch.no_grad():
        linear.weight.normal_()
        linear.bias.copy_(torch.tensor([1.0, 2.0]))
    logits = linear(torch.zeros(1, 4, dtype=torch.int64), torch.zeros(1, 4))
    assert logits.tolist() == [pytest.approx([1.0, 2.0])]
