"""How data are to be read where that is not left to them, and how they were: the options of `load`,
and `preprocessing` in config.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, NotRequired, TypedDict

from handloom.data.io.labels import Unclear

FitMode = Literal["crop", "pad", "stretch"]
Background = Literal["white", "grey", "black"]
Interpolation = Literal["bilinear", "bicubic"]
Duplicates = Literal["group", "ignore", "drop"]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Options for folders and tables; None leaves a choice to the data.

    splits: which folder, or cell of the column `split`, is which split, as in
        "train=train-8,valid=val"; "none" where no name is one.
    root: the folder that the names in a table start from; by default the table's own.
    image_column, label_column: names of a table's columns.
    unclear_labels: what labels such as NA, or several in a cell, are: as `read_labels` takes it.
    fit: how images get the shape of the network's input: "crop" cuts out the middle, "pad" adds
        borders, "stretch" changes proportions.
    background: what transparent images lie over.
    duplicates: near-duplicates are kept on one side of the split ("group"), not looked for
        ("ignore"), or left out but for the first ("drop").
    group: what else stays on one side: a column of a table, or "folder" or "prefix" (the name
        without its last number) of image files.
    divides: whether a validation split may be taken from them, so that a note on groups is due.
    settled: (name, label) of images that a table may give several labels, and a person one.
    """

    splits: str | None = None
    root: Path | None = None
    image_column: str | None = None
    label_column: str | None = None
    unclear_labels: Unclear | None = None
    fit: FitMode | None = None
    background: Background = "white"
    duplicates: Duplicates = "group"
    group: str | None = None
    divides: bool = False
    settled: tuple[tuple[str, str], ...] = ()


class Brightness(TypedDict):
    """Of training images: the mean of their mean values, in [0, 1], and its deviation."""

    mean: float
    std: float


class Preprocessing(TypedDict):
    """ "preprocessing" of a run, an encoder or an index of images: how `decode` brings a new image
    to it.

    size: [H, W] in pixels. channels: 1 or 3. background: white where it is not there. levels: [low,
    high], the values that become 0 and 255, of images of more than 8 bits. network: that a
    classifier chose by the images.
    """

    size: list[int]
    channels: int
    fit: FitMode
    background: NotRequired[Background]
    crop: NotRequired[float]
    interpolation: NotRequired[Interpolation]
    levels: NotRequired[list[float]]
    brightness: NotRequired[Brightness | None]
    network: NotRequired[str]


class Shape(NamedTuple):
    """What is asked of decoding; None leaves a choice to the images.

    crop: share of both sides that is kept of what the fit would keep (1 all of it), as pretrained
    networks ask for; "pad" keeps all.
    """

    size: tuple[int, int] | None = None  # height and width in pixels
    channels: int | None = None
    fit: FitMode | None = None
    background: Background = "white"
    levels: tuple[float, float] | None = None
    is_like_run: bool = False  # images for a run, whose levels are its own even if it has none
    crop: float = 1.0
    interpolation: Interpolation = "bilinear"

    @classmethod
    def of_run(cls, preprocessing: Preprocessing) -> "Shape":
        """How images for a run are decoded: as its training images were, by its config.json."""
        levels = preprocessing.get("levels")
        return cls(
            size=(preprocessing["size"][0], preprocessing["size"][1]),
            channels=preprocessing["channels"],
            fit=preprocessing["fit"],
            background=preprocessing.get("background", "white"),
            levels=None if levels is None else (levels[0], levels[1]),
            is_like_run=True,
            crop=preprocessing.get("crop", 1.0),
            interpolation=preprocessing.get("interpolation", "bilinear"),
        )

    @classmethod
    def of_encoder(cls, preprocessing: Preprocessing, reading: Reading) -> "Shape":
        """How an encoder takes images; a fit that is asked for goes before its own."""
        return cls.of_run(preprocessing)._replace(
            fit=reading.fit or preprocessing["fit"],
            background=reading.background,
            levels=None,
            is_like_run=False,
        )

    def recorded(self, size: Sequence[int], channels: int, fit: FitMode) -> Preprocessing:
        """What config.json says of images that came out so; crop and interpolation where they are
        not the usual ones alone. size: (H, W)."""
        record: Preprocessing = {
            "size": list(size),
            "channels": channels,
            "fit": fit,
            "background": self.background,
        }
        if self.crop != 1.0:
            record["crop"] = self.crop
        if self.interpolation != "bilinear":
            record["interpolation"] = self.interpolation
        return record
