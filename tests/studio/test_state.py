"""Answers in JSON, whatever a run or data hold."""

import json

import pytest

pytest.importorskip("starlette", reason="handloom[studio] is not installed")

from handloom.studio.state import Json


def test_what_json_does_not_have() -> None:
    content = {"name": "bad\udcff", "loss": float("nan"), "values": (1.5, float("inf")), "é": b"x"}
    assert json.loads(Json(content).body) == {
        "name": "bad\udcff", "loss": None, "values": [1.5, None], "é": "data:image/png;base64,eA=="
    }  # fmt: skip
