"""Options that do nothing for the data at hand are noted."""

from pathlib import Path

import pytest

from handloom.data.images.load import load
from handloom.data.images.reading import Reading


def test_columns_are_of_tables(photos: Path) -> None:
    notes = load(photos, Reading(label_column="kind", root=photos)).notes
    assert f"--label-column and --root are not used: '{photos}' is not a table" in notes
    assert not [note for note in load(photos).notes if "not used" in note]


def test_groups_and_splits_are_of_files() -> None:
    notes = load("digits", Reading(group="folder", splits="none")).notes
    assert "--splits and --group are not used: 'digits' comes as arrays" in notes


def test_a_validation_split_wins(tmp_path: Path, photos: Path) -> None:
    for split in ("train", "valid"):
        for kind in ("cat", "dog"):
            (tmp_path / "own" / split / kind).mkdir(parents=True)
            names = sorted((photos / kind).glob("*.png"))
            for path in names[:2] if split == "train" else names[2:]:
                path.rename(tmp_path / "own" / split / kind / path.name)
    notes = load(tmp_path / "own", validation=0.3).notes
    assert "--validation 0.3 is not used: the data have a validation split" in notes
    assert not [note for note in load(tmp_path / "own").notes if "not used" in note]


@pytest.mark.parametrize("validation", [0.0, None])
def test_none_at_all_is_no_share(validation: float | None) -> None:
    assert not [note for note in load("digits", validation=validation).notes if "used" in note]
