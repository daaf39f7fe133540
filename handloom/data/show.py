"""The verb show: what is in data of any kind, and a contact sheet of it."""

from pathlib import Path
from typing import Any

from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.describe import describe
from handloom.data.images.listing.folder import NoLabels
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError


def show(
    data: str | Path,
    out: Path | None = None,
    size: int | None = None,
    reading: Reading | None = None,
    strict: bool = False,
    report: ReportProgress | None = None,
) -> dict[str, Any]:
    """The record of `describe` on data of any kind; `out` is written as a contact sheet.

    Only the set's own splits are shown. Where there are no labels, or one class, a note says so and
    they are left out. `size` is the side of an image in pixels. Raises UserError for whatever
    training would refuse, `strict` for broken images as well.
    """
    data_set, notes = _loaded(data, reading, size, strict, report)
    if out is not None:
        _save(data_set.train, out)
    record = describe(data_set)
    record["notes"] = [*record["notes"], *notes]
    return record


def _loaded(
    data: str | Path,
    reading: Reading | None,
    size: int | None,
    strict: bool,
    report: ReportProgress | None,
) -> tuple[DataSet, list[str]]:
    try:
        return load(data, reading, size=size, validation=0, strict=strict, report=report), []
    except NoLabels as error:
        first = error
    try:
        without = load(
            data, reading, size=size, validation=0, strict=strict, labelled=False, report=report
        )
    except UserError:
        raise first from None
    return without, [f"a classifier cannot be trained on this: {first}"]


def _save(images: Images, out: Path) -> None:
    from handloom.data.images.drawing.grid import contact_sheet, image_of

    try:
        image_of(contact_sheet(images)).save(out)
    except ValueError:
        raise UserError(f"'{out}' does not end in an image format: use .png or .jpg") from None
    except OSError as error:
        raise UserError(
            f"'{out}' cannot be written ({error.strerror or error}): choose another place"
        ) from None
