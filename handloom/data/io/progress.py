"""How work that takes long reports where it stands."""

from collections.abc import Callable

ReportProgress = Callable[[str, int, int], None]
"""Called while data are read or encoded: what is being done, how many are done, of how many."""
