"""Training images as wholes, beside the middle squares that a network is asked about."""

from dataclasses import replace

import torch

from handloom.data.images.dataset import DataSet, Whole
from handloom.data.images.decoded import decode_files
from handloom.data.images.reading import Shape
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.wording import pluralize

# Of the file in the cache, which is mapped: it takes room on disk, and memory only where there is
# some. 28,000 photos of 320 pixels; their middle squares take half as much beside it.
MOST_BYTES = 8 << 30


def with_whole(data: DataSet, side: int, report: ReportProgress) -> DataSet:
    """The set with `whole` for its training images, square by `side` pixels.

    It is as it was for images that do not come from files, for those that are seen whole already,
    and, with a note, for more than the cache should hold. Raises UserError where files have changed
    meanwhile, or the cache cannot be written.
    """
    names = data.train.names
    if data.preprocessing["fit"] != "crop" or not all(name in data.files for name in names):
        return data
    channels = data.preprocessing["channels"]
    if len(names) * side * side * channels > MOST_BYTES:
        most = MOST_BYTES // (side * side * channels)
        note = (
            f"{len(names):,} training images are more than the {most:,} that are kept as wholes: "
            "tuning sees the middle square of each alone"
        )
        return replace(data, notes=(*data.notes, note))
    asked = data.preprocessing | {"size": [side, side], "fit": "stretch", "crop": 1.0}
    paths, digests = [data.files[name] for name in names], [data.digests[name] for name in names]
    decoded = decode_files(paths, digests, Shape.of_run(asked), report)
    if decoded.broken:
        row, reason = decoded.broken[0]
        raise UserError(
            f"{pluralize(len(decoded.broken), 'image')} can no longer be read, the first is "
            f"'{paths[row]}' ({reason}): restore them, and train again"
        )
    whole = Whole(decoded.image, torch.arange(len(names)), torch.tensor(decoded.aspect))
    return replace(data, train=replace(data.train, whole=whole))
