"""Python's documentation, once each."""

from collections import Counter

from handloom.data.text.pydoc import PARTS, pydoc_passages, pydoc_text


def test_no_paragraph_is_repeated() -> None:
    paragraphs = Counter(" ".join(p.split()) for p in pydoc_text().split("\n\n"))
    assert max(paragraphs.values()) == 1


def test_every_part_has_passages() -> None:
    texts, targets = pydoc_passages()
    assert len(texts) == len(targets) > 500
    counts = Counter(targets)
    assert set(counts) == set(PARTS)
    assert min(counts.values()) >= 10
    assert min(map(len, texts)) >= 200
