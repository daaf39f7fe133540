"""Links in data that lead out of the folder are found at any depth; those that stay are not."""

from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.studio.folder import Folder
from handloom.studio.links import leading_out


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with data in two folders, and one outside."""
    for name in ("open/data/cats", "open/more", "outside/dogs"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.png").write_bytes(b"")
    return tmp_path / "open", tmp_path / "outside"


def test_links_of_files_and_folders(places: tuple[Path, Path]) -> None:
    root, outside = places
    folder = Folder(root)
    folder.check_links(root / "data")
    (root / "data" / "cats" / "2.png").symlink_to(root / "more" / "1.png")
    (root / "data" / ".hidden").symlink_to(outside)  # passed over, as by who reads data
    (root / "data" / "round").symlink_to(root / "data")
    folder.check_links(root / "data")
    for name, end in (("dogs", outside / "dogs"), ("cats/3.png", outside / "dogs" / "1.png"),
                      ("gone", outside / "gone")):  # fmt: skip
        link = root / "data" / name
        link.symlink_to(end)
        with pytest.raises(UserError, match=f"{link.name}' lies outside of .*--data"):
            folder.check_links(root / "data")
        Folder(root, [outside]).check_links(root / "data")
        link.unlink()


def test_a_link_inside_to_a_folder_with_one_to_outside(places: tuple[Path, Path]) -> None:
    root, outside = places
    (root / "data" / "more").symlink_to(root / "more")
    (root / "more" / "dogs").symlink_to(outside / "dogs")
    found = leading_out(root / "data", lambda path: path.is_relative_to(root))
    assert found == root / "more" / "dogs"
