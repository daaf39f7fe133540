"""A machine without data of its own, and a server of what is published."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from handloom.data.images.named import catalog
from tests.data.conftest import Silent, draw, running
from tests.data.images.named.test_idx import write_set
from tests.data.io.test_fetch import offered

__all__ = ["draw"]  # a fixture


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$HANDLOOM_DATA of this machine: an empty folder."""
    for name in ("HANDLOOM_MIRROR", "HANDLOOM_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("handloom.data.io.download.PAUSE", 0)
    return tmp_path / "own"


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server that has a small set in place of MNIST; the folder that it serves."""
    served = tmp_path / "served"
    served.mkdir()
    write_set(served, packed=True)
    with running(partial(Silent, directory=str(served))) as url:
        remotes = tuple(offered(url, path, path.name[:-3]) for path in sorted(served.iterdir()))
        entry = replace(catalog.CATALOG["mnist"], remotes=remotes)
        monkeypatch.setitem(catalog.CATALOG, "mnist", entry)
        yield served
