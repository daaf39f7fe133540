"""Classification of texts: class weights, frozen tables, metrics."""

import torch
from torch.nn import functional as F

from handloom.metrics.classification import classification_metrics
from handloom.models.text.classifiers import BagOfWords
from handloom.objectives.text_classification import TextClassification


def test_rare_classes_weigh_more() -> None:
    network = BagOfWords(9, 4, 3)
    weight = torch.tensor([1.0, 5.0, 0.5])
    batch = {
        "tokens": torch.randint(1, 9, (6, 3)),
        "length": torch.full((6,), 3),
        "label": torch.tensor([0, 1, 2, 0, 0, 1]),
    }
    loss, logs = TextClassification(network, weight).loss(batch)
    logits = network(batch["tokens"], batch["length"])
    torch.testing.assert_close(loss, F.cross_entropy(logits, batch["label"], weight))
    assert 0 <= logs["accuracy"] <= 1


def test_a_frozen_table_is_no_parameter_of_the_phase() -> None:
    network = BagOfWords(9, 4, 3, frozen=True)
    (phase,) = TextClassification(network).phases()
    assert len(phase.parameters) == 2


def test_metrics_by_hand() -> None:
    logits = torch.tensor([[2.0, 0, 0], [2.0, 0, 0], [2.0, 0, 0], [0, 3.0, 0]])
    found = classification_metrics(logits, torch.tensor([0, 0, 1, 1]))
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == 0.75  # (1 + 0.5) / 2: the third class does not occur
    torch.testing.assert_close(found["loss"], F.cross_entropy(logits, torch.tensor([0, 0, 1, 1])))
