"""The small training and the run directory that callbacks are tested with."""

from tests.engine.callbacks.conftest import build, run

__all__ = ["build", "run"]
