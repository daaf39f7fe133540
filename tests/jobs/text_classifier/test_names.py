"""What a text classifier is called in words."""

from handloom.jobs.text_classifier.defaults import RIVAL
from handloom.jobs.text_classifier.names import named


def test_a_model_is_named_by_its_parts() -> None:
    assert named(RIVAL) == "linear"
    assert named(RIVAL | {"strength": 16.0, "bayes": True}) == "linear (C 16) and naive Bayes"
    assert named(RIVAL | {"network": "bag", "tfidf": True}) == "bag and linear"
