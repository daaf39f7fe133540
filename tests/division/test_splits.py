"""The split that figures come from, and the one that is watched while training."""

import pytest

from handloom.division.splits import held_out, watched


@pytest.mark.parametrize(
    ("splits", "figures", "training"),
    [
        (("train", "valid", "test"), "test", "valid"),
        (("train", "test"), "test", "test"),
        (("train", "valid"), "valid", "valid"),
        (("train",), None, None),
    ],
)
def test_each_purpose_has_its_split(
    splits: tuple[str, ...], figures: str | None, training: str | None
) -> None:
    assert (held_out(splits), watched(splits)) == (figures, training)
