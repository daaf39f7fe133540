"""Built-in sets of images and texts, and word vectors."""

from functools import partial
from pathlib import Path

from handloom.bundles.item import Fetchable, copy
from handloom.data.images.named.catalog import CATALOG
from handloom.data.io.fetch import Remote, fetch
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder
from handloom.data.text.source import NAMED as TEXTS
from handloom.data.text.vectors import NAMED as VECTORS
from handloom.errors import UserError

BUNDLED = Path("bundled")  # in place of a folder


def sets() -> dict[str, Fetchable]:
    """Every built-in set, and the word vectors that have a name."""
    images = {
        name: Fetchable(
            name, "images", partial(_here, entry.folder, entry.remotes),
            partial(_bring, entry.folder, entry.remotes), f"handloom train classifier {name}",
        )
        for name, entry in CATALOG.items()
    }  # fmt: skip
    vectors = {
        name: Fetchable(
            name, "word vectors", partial(_here, "glove", (remote,)),
            partial(_bring, "glove", (remote,)),
            f"handloom train text-classifier DATA --vectors {name}",
        )
        for name, remote in VECTORS.items()
    }  # fmt: skip
    texts = {
        name: Fetchable(
            name, "texts", partial(_text_here, place), partial(_bring_text, name, place),
            f"handloom train text-classifier {name}",
        )
        for name, place in {"pydoc": None, **TEXTS}.items()
    }  # fmt: skip
    return images | texts | vectors


def _here(folder: str, remotes: tuple[Remote, ...]) -> Path | None:
    here = all((data_folder() / folder / remote.unpacks).exists() for remote in remotes)
    return _place(data_folder() / folder, remotes) if here else None


def _place(folder: Path, remotes: tuple[Remote, ...]) -> Path:
    """What holds all of a set: the one thing that it unpacks to, or the folder of several."""
    if not remotes:
        return BUNDLED
    return folder if len(remotes) > 1 else folder / remotes[0].unpacks


def _bring(
    folder: str, remotes: tuple[Remote, ...], target: Path, report: ReportProgress | None
) -> Path:
    for remote in remotes:
        own = data_folder() / folder / remote.unpacks
        if own.exists():
            copy(own, target / folder / remote.unpacks)
        else:
            fetch(remote, target / folder, report)
    return _place(target / folder, remotes)


def _text_here(place: str | None) -> Path | None:
    if place is None:
        return BUNDLED
    return data_folder() / place if (data_folder() / place).exists() else None


def _bring_text(name: str, place: str | None, target: Path, _: ReportProgress | None) -> Path:
    own = _text_here(place)
    if own is None:
        raise UserError(
            f"'{name}' has no address to be downloaded from: put it at "
            f"'{data_folder() / str(place)}'"
        )
    return own if place is None else copy(own, target / place)
