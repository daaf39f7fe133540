"""Optional parts: the table agrees with pyproject.toml, and a missing one is one sentence."""

import re
import tomllib
from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.extras import EXTRAS, has, require

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
FOR_DEVELOPMENT = {"dev", "bench", "docs"}
TOGETHER = {"search": ("clip", "milvus", "faiss", "export")}
FASTER = {"httptools"}  # is used where it is there, and nothing lacks without it


def names(requirements: list[str]) -> list[str]:
    """Of libraries, without versions."""
    return [re.split(r"[<>=!~; \[]", requirement)[0] for requirement in requirements]


def test_the_table_has_every_extra() -> None:
    declared = PROJECT["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared) - FOR_DEVELOPMENT - set(TOGETHER)
    for name, extra in EXTRAS.items():
        needed = [library for library in names(declared[name]) if library not in FASTER]
        assert list(extra.libraries) == needed, name


def test_extras_together_ask_for_the_same() -> None:
    declared = PROJECT["project"]["optional-dependencies"]
    for name, parts in TOGETHER.items():
        assert declared[name] == [library for part in parts for library in declared[part]]


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    assert not has("heic")
    with pytest.raises(UserError) as caught:
        require("faiss", "approximate search", "search with --method exact")
    assert str(caught.value) == (
        "approximate search needs faiss-cpu, which is missing: pip install faiss-cpu, or search "
        "with --method exact"
    )


def test_one_that_is_there_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: module)
    assert has("heic")
    require("heic", "a photo")
