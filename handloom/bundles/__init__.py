"""Data sets and weights by name: onto this machine, or into a folder for one without internet."""

from handloom.bundles.bundle import Fetched, fetch
from handloom.bundles.known import find_item, items

__all__ = ["Fetched", "fetch", "find_item", "items"]
