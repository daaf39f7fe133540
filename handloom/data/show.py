"""What is in images of any kind, and a contact sheet of them."""

from pathlib import Path
from typing import Any

from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.listing.folder import NoLabels
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError


def describe(data: DataSet) -> dict[str, Any]:
    """The facts of a set, ready for JSON.

    Keys: name, fingerprint, classes, size [H, W] in pixels and channels as a network sees them,
    splits {split: {images, classes {name: images}}}, stored {formats, modes, width and height
    {min, median, max}}, read_as, left_out [{what, images, reason}], broken [{path, reason}],
    duplicates [[name, ...]] of images that are equal or nearly the same, equal [[name, ...]],
    notes.
    """
    meaning = data.interpretation
    return {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "classes": list(data.train.classes),
        "size": list(data.preprocessing["size"]),
        "channels": data.preprocessing["channels"],
        "splits": {split: _counts(part) for split, part in data.splits.items()},
        "stored": data.facts,
        "read_as": None if meaning is None else meaning.kind,
        "left_out": [] if meaning is None else [part._asdict() for part in meaning.left_out],
        "broken": [broken._asdict() for broken in data.broken],
        "duplicates": [list(group) for group in data.duplicates],
        "equal": [list(group) for group in data.equal],
        "notes": list(data.notes),
    }


def _counts(part: Images) -> dict[str, Any]:
    if part.label is None:
        return {"images": len(part), "classes": {}}
    count = part.label.bincount(minlength=len(part.classes)).tolist()
    return {"images": len(part), "classes": dict(zip(part.classes, count, strict=True))}


def show(
    data: str | Path,
    out: Path | None = None,
    size: int | None = None,
    reading: Reading | None = None,
    strict: bool = False,
    report: ReportProgress | None = None,
) -> dict[str, Any]:
    """The record of `describe` on images of any kind, with kind, which is "images".

    A contact sheet is written to `out`. Only the set's own splits are shown. Where there are no
    labels, or one class, a note says so and they are left out. `size` is the side of an image in
    pixels. Raises UserError for whatever training would refuse, `strict` for broken images as well.
    """
    data_set, notes = _loaded(data, reading, size, strict, report)
    if out is not None:
        _save(data_set.train, out)
    record = {"kind": "images", **describe(data_set)}
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
