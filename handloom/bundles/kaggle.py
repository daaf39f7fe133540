"""Data sets of Kaggle, `kaggle:OWNER/NAME`, through Kaggle's own library and the user's token."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from handloom.bundles.item import Fetchable, copy
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder, is_offline
from handloom.errors import UserError
from handloom.extras import require
from handloom.wording import reason

PREFIX = "kaggle:"
NAME = re.compile(r"[\w-]+/[\w-]+(/versions/\d+)?")
TOKEN = (
    "get a token at https://www.kaggle.com/settings/api and set KAGGLE_API_TOKEN, or save its "
    "kaggle.json in ~/.kaggle"
)


def kaggle(name: str) -> Fetchable:
    """A data set, which is put at kaggle/OWNER/NAME. Raises UserError for what is not a name."""
    handle = name.removeprefix(PREFIX)
    if not NAME.fullmatch(handle):
        raise UserError(
            f"'{name}' is not the name of a Kaggle data set: write kaggle:OWNER/NAME, as in its "
            "address kaggle.com/datasets/OWNER/NAME"
        )
    place = Path("kaggle", *handle.split("/")[:2])
    use = f"handloom show {data_folder() / place}"
    return Fetchable(name, "Kaggle", partial(_here, place), partial(_bring, handle, place), use)


def _here(place: Path) -> Path | None:
    folder = data_folder() / place
    return folder if folder.is_dir() else None


def _bring(handle: str, place: Path, target: Path, _: ReportProgress | None) -> Path:
    """From the library's cache, where it downloads and checks a set once."""
    own = _here(place)
    return copy(own or _downloaded(handle), target / place)


def _downloaded(handle: str) -> Path:
    require("kaggle", f"{PREFIX}{handle}")
    if is_offline():
        raise UserError(
            f"{PREFIX}{handle} is not on this machine, and $HANDLOOM_OFFLINE is set: unset it"
        )
    with _quiet():
        from kagglehub import dataset_download

        try:
            return Path(dataset_download(handle))
        except Exception as error:  # whatever a network, a server or an archive makes it raise
            reason = _reason(error)
            raise UserError(f"{PREFIX}{handle} could not be downloaded ({reason})") from None


def _reason(error: Any) -> str:
    """What went wrong, and what mends it where that is known."""
    response = vars(error).get("response") if isinstance(error, Exception) else None
    status = None if response is None else response.status_code
    if status in (401, 403):
        return f"answer {status}: {TOKEN}"
    if status == 404:
        return "answer 404: there is no such data set, or it is private"
    if status is not None:
        return f"answer {status}"
    if any(kind.__name__ == "ConnectionError" for kind in type(error).__mro__):  # of requests too
        return "no connection"
    return reason(error, 160)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's log and prints; its bar of progress is on standard error."""
    logger = logging.getLogger("kagglehub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logger.setLevel(level)
