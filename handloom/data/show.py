"""The verb show: what is in data of any kind, and a contact sheet of it."""

from pathlib import Path
from typing import Any

from handloom.data.images.dataset import DataSet, Images, Report
from handloom.data.images.describe import describe
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.errors import UserError


def show(
    data: str | Path,
    out: Path | None = None,
    size: int | None = None,
    reading: Reading | None = None,
    report: Report | None = None,
) -> dict[str, Any]:
    """The record of `describe` on data of any kind; `out` is written as a contact sheet.

    Only the set's own splits are shown. Where labels are missing or useless, a note says so and
    they are left out. `size` is the side of an image in pixels. Raises UserError.
    """
    data_set, notes = _loaded(data, reading, size, report)
    if out is not None:
        _save(data_set.train, out)
    record = describe(data_set)
    record["notes"] = [*record["notes"], *notes]
    return record


def _loaded(
    data: str | Path, reading: Reading | None, size: int | None, report: Report | None
) -> tuple[DataSet, list[str]]:
    try:
        return load(data, reading, size=size, validation=0, report=report), []
    except UserError as error:
        first = error
    try:
        return load(data, reading, size=size, validation=0, labelled=False, report=report), [
            str(first)
        ]
    except UserError:
        raise first from None


def _save(images: Images, out: Path) -> None:
    from PIL import Image

    from handloom.data.images.sheet import contact_sheet

    try:
        Image.fromarray(contact_sheet(images).numpy()).save(out)
    except ValueError:
        raise UserError(f"'{out}' does not end in an image format: use .png or .jpg") from None
    except OSError as error:
        raise UserError(
            f"'{out}' cannot be written ({error.strerror or error}): choose another place"
        ) from None
