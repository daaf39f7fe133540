"""Where batches come from: named sets, class folders, tables and IDX files become pictures."""

from handloom.data.load import load
from handloom.data.pictures import Broken, DataSet, Pictures

__all__ = ["Broken", "DataSet", "Pictures", "load"]
