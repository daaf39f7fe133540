"""What is in a set: counts, sizes, formats, what is broken and what is there twice."""

from typing import Any

import torch

from handloom.data.images.dataset import DataSet, Images


def describe(data: DataSet) -> dict[str, Any]:
    """The facts of a set, ready for JSON.

    Keys: name, fingerprint, classes, size [H, W] in pixels and channels as a network sees them,
    splits {split: {images, classes {name: images}}}, stored {formats, modes, width and height
    {min, median, max}}, read_as, left_out [{what, images, reason}], broken [{path, reason}],
    duplicates [[name, ...]], notes.
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
        "notes": list(data.notes),
    }


def _counts(part: Images) -> dict[str, Any]:
    if part.label is None:
        return {"images": len(part), "classes": {}}
    count = torch.bincount(part.label, minlength=len(part.classes)).tolist()
    return {"images": len(part), "classes": dict(zip(part.classes, count, strict=True))}
