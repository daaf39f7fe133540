"""What a run was trained on is known by its content."""

from hypothesis import given
from hypothesis import strategies as st

from handloom.runs.learned import Learned, packed

digests = st.lists(st.binary(min_size=16, max_size=16).map(bytes.hex), max_size=30)


@given(digests, digests)
def test_knows_what_was_written_and_nothing_else(trained: list[str], others: list[str]) -> None:
    learned = Learned(packed(trained))
    assert all(digest in learned for digest in trained)
    firsts = {digest[:16] for digest in trained}
    assert len(learned) == len(firsts)
    assert all((digest in learned) == (digest[:16] in firsts) for digest in others)
    assert packed(reversed(trained)) == packed(trained)


def test_the_split_of_an_example_train_first() -> None:
    train, valid, test, new = (letter * 32 for letter in "abcd")
    learned = Learned(packed([train]), packed([valid, train]), packed([test, valid]))
    splits = [learned.split_of(each) for each in (train, valid, test, new)]
    assert splits == ["train", "valid", "test", None]
    assert learned.has_test
    assert valid not in learned
    older = Learned(packed([train]))
    assert (older.split_of(valid), older.has_test) == (None, False)
