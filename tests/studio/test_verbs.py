"""The requests of a run's page, answered in this process: what is sent, and what is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import GOLDEN, Client, Direct, served


@pytest.fixture(scope="module")
def direct(folder: Path) -> Iterator[Client]:
    pytest.importorskip("starlette", reason="handloom[studio] is not installed")
    from handloom.studio.app import guarded
    from handloom.studio.folder import Folder
    from handloom.studio.routes import verbs
    from handloom.studio.server import access_to, listen
    from handloom.studio.state import Studio

    state: Any = Studio.over(Folder(folder))
    state.workers.close()
    state.workers = Direct()
    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    for _ in served(guarded(verbs.ROUTES, state, access), listener):
        yield Client(access.port)


IMAGE = (GOLDEN / "vae" / "digit.png").read_bytes()


def form(**files: bytes) -> tuple[bytes, str]:
    """A form with files, as a browser sends it, and its content type."""
    head = b'--x\r\ncontent-disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b\r\n'
    parts = [head % (name.encode(), name.encode(), content) for name, content in files.items()]
    return b"".join(parts) + b"--x--\r\n", "multipart/form-data; boundary=x"


def test_predictions(direct: Client) -> None:
    before = set(Path(tempfile.gettempdir()).glob("handloom-*"))
    address = "/api/predict?explain=1&run=runs/"
    record = direct.post(f"{address}digits", IMAGE, content_type="image/png")
    assert record.json["heated"].startswith("data:image/png;base64,")
    assert sum(record.json["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    text = direct.post(f"{address}text-classifier", {"text": "/etc/passwd"})
    assert {word[0] for word in text.json["words"]} <= {"/", "etc", "passwd", "/etc/passwd"}
    damaged = direct.post(f"{address}digits", IMAGE[:70], content_type="image/png")
    assert damaged.status == 400
    assert set(Path(tempfile.gettempdir()).glob("handloom-*")) <= before  # nothing is kept


def test_generators(direct: Client) -> None:
    options: Any = {"count": 4, "truncation": 0.5}
    made = direct.post("/api/sample?run=runs/vae", {"options": options}).json
    assert len(made["images"]) == 4
    latent = ",".join(map(str, made["latents"][0]))
    same = direct.post("/api/sample?run=runs/vae", {"options": {"latent": latent, "label": "1"}})
    assert len(same.json["images"]) == 1
    for options in ({"count": 101}, {"count": "many"}, {"latent": "x"}, {"label": "none"}, None,
                    {"count": True}, {"count": 1e9}, {"name": 1}, {"run": 1}, {"verb": 1},
                    {"most_waiting": 10**9}):  # fmt: skip
        assert direct.post("/api/sample?run=runs/vae", {"options": options}).status == 400
    rebuilt = direct.post("/api/reconstruct?run=runs/vae&class=3", IMAGE, content_type="image/png")
    assert rebuilt.json["error"] > 0


def test_walks(direct: Client) -> None:
    body, kind = form(a=IMAGE, b=IMAGE)
    walk = direct.post("/api/interpolate?run=runs/vae&class=3", body, content_type=kind)
    assert len(walk.json["images"]) == 16
    body, kind = form(a=IMAGE, b=b"no image")
    assert direct.post("/api/interpolate?run=runs/vae", body, content_type=kind).status == 400
    seeds = direct.post("/api/interpolate?run=runs/gan", {"seeds": [3, 7]})
    assert len(seeds.json["images"]) == 16
    latents = [[0.5] * 2, [-0.5] * 2]
    between = direct.post("/api/interpolate?run=runs/vae&class=3", {"latents": latents}).json
    assert len(between["images"]) == 16
    assert between["images"][0] != between["images"][-1]
    for wrong in ({"seeds": "3"}, {"seeds": [3]}, {}, {"latents": [[1], "x"]}):
        assert direct.post("/api/interpolate?run=runs/gan", wrong).status == 400


def test_texts(direct: Client) -> None:
    wanted = {"options": {"prefix": "The ", "length": 30, "seed": 1}}
    written = direct.post("/api/write?run=runs/char-rnn", wanted)
    assert len(written.body.decode()) == 30
    assert written.headers["content-type"].startswith("text/plain")
    for options in ({"prefix": "\u4e2d", "length": 3}, {"length": 10**6}, {"temperature": -1}):
        answer = direct.post("/api/write?run=runs/char-rnn", {"options": options})
        assert answer.status == 400, options
    made = direct.post("/api/sample?run=runs/char-rnn", {"options": {"count": 2, "length": 5}}).json
    assert [len(text) for text in made["texts"]] == [5, 5]


def test_what_a_run_cannot_do_is_refused_with_what_it_can(direct: Client) -> None:
    answer = direct.post("/api/write?run=runs/vae", {"options": {"count": 1}})
    assert answer.status == 400
    assert "a vae run writes no text: its verbs are evaluate, sample" in answer.json["error"]
    for path in ("predict", "reconstruct", "interpolate"):
        answer = direct.post(f"/api/{path}?run=runs/stylize", IMAGE, content_type="image/png")
        assert answer.status == 400, path
