"""Where batches come from: named sets, class folders, tables and IDX files become images."""

from handloom.data.images.dataset import Broken, DataSet, Images
from handloom.data.images.load import load

__all__ = ["Broken", "DataSet", "Images", "load"]
