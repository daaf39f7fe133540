"""The small training that callbacks are tested with."""

from tests.engine.callbacks.conftest import build

__all__ = ["build"]
