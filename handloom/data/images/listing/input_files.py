"""The image files that a user names, not yet decoded: files, folders and tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.dataset import Broken
from handloom.data.images.listing.folder import UNLABELLED, Listing, NoLabels
from handloom.data.images.listing.paths import list_path
from handloom.data.images.reading import Reading
from handloom.data.io.digest import file_digests
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError


class InputFiles(NamedTuple):
    """Image files, and what is known of each.

    digests: of their content, "" of one that cannot be read; empty where they are not wanted.
    names: as they were named, or paths below the folder that was. labels, splits: None where
    unknown. given: the other columns of a table, by name, empty without. broken: entries of a table
    without a file. notes: sentences to show.
    """

    paths: list[Path]
    digests: list[str]
    names: list[str]
    labels: list[str | None]
    splits: list[str | None]
    given: Sequence[Mapping[str, str]]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


def single_files(
    given: Sequence[str | Path], report: ReportProgress, is_digested: bool = True
) -> InputFiles:
    """Files that are named one by one. is_digested: the digests of their content are wanted."""
    paths = [Path(path).expanduser() for path in given]
    nothing: list[str | None] = [None] * len(paths)
    names = [str(path) for path in given]
    digests = file_digests(Path(), paths, report) if is_digested else []
    return InputFiles(paths, digests, names, nothing, nothing, [{}] * len(paths))


def files_below(
    given: str | Path,
    path: Path,
    reading: Reading,
    report: ReportProgress,
    is_digested: bool = True,
) -> InputFiles:
    """The files of a folder or of a table, of all its splits. Raises UserError for none.

    is_digested: the digests of their content are wanted.
    """
    listing, digests = _list_path(path, reading), list[str]()
    if is_digested:
        digests = file_digests(listing.root, listing.paths, report)
    before = f"{str(given).rstrip('/')}/" if path.is_dir() else ""
    has_splits = len(set(listing.split)) > 1
    return InputFiles(
        list(listing.paths),
        digests,
        [before + name for name in listing.names],
        [_label(listing, row) for row in range(len(listing.paths))],
        [split if has_splits else None for split in listing.split],
        [{name: cells[row] for name, cells in listing.others.items()}
         for row in range(len(listing.paths))],
        tuple(Broken(before + name, reason) for name, reason in listing.broken),
        listing.notes,
    )  # fmt: skip


def _list_path(path: Path, reading: Reading) -> Listing:
    """With labels where there are any; without where folders do not say which they are."""
    try:
        return list_path(path, reading, labelled=True, with_strays=True)
    except NoLabels:
        return list_path(path, reading, labelled=False)
    except UserError:
        if path.is_dir() and reading.splits is None:
            return list_path(path, Reading(splits="none"), labelled=False)
        raise


def _label(listing: Listing, row: int) -> str | None:
    if listing.label is None or listing.label[row] == UNLABELLED:
        return None
    return listing.classes[listing.label[row]]
