"""Where batches come from: named sets, class folders, tables and IDX files become images."""

from handloom.data.images.dataset import Broken, DataSet, Images, Interpretation, LeftOut
from handloom.data.images.listing import NoLabels
from handloom.data.images.load import load, load_for_run
from handloom.data.images.reading import Reading

__all__ = [
    "Broken",
    "DataSet",
    "Images",
    "Interpretation",
    "LeftOut",
    "NoLabels",
    "Reading",
    "load",
    "load_for_run",
]
