"""The server of one run, asked over HTTP; its network answers in a process of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import handloom
from handloom.errors import UserError
from handloom.jobs import find_job
from tests.studio.conftest import GOLDEN, Client, served

IMAGE = (GOLDEN / "classifier" / "digit.png").read_bytes()


def golden(job: str) -> Iterator[Client]:
    """A golden run, served."""
    pytest.importorskip("starlette", reason="handloom[studio] is not installed")
    from handloom.studio.server import access_to, listen
    from handloom.studio.serving import server

    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    for _ in served(server(GOLDEN / job, find_job(job), access), listener):
        yield Client(access.port)


@pytest.fixture(scope="module")
def api() -> Iterator[Client]:
    yield from golden("classifier")


def test_predictions_are_those_of_the_run(api: Client) -> None:
    expected = handloom.open(GOLDEN / "classifier").predict(GOLDEN / "classifier" / "digit.png")[0]
    del expected["input"]

    def ask(number: int) -> dict[str, object]:
        answer = api.post("/predict", IMAGE, content_type="image/png")
        assert answer.status == 200, answer.body
        record: dict[str, object] = answer.json
        return record

    with ThreadPoolExecutor(8) as clients:
        records = list(clients.map(ask, range(24)))
    for record in records:
        assert record["label"] == expected["label"]
        assert record["probability"] == pytest.approx(expected["probability"], abs=1e-4)
    written = base64.b64encode(IMAGE).decode()
    assert api.post("/predict", {"image": written}).json["label"] == expected["label"]


def test_options_and_refusals(api: Client) -> None:
    top = api.post("/predict?top=2&abstain_below=0.999999", IMAGE, content_type="image/png").json
    assert len(top["top"]) == 2
    assert top["abstained"] is True
    assert top["label"] is None
    for path, body, kind in (
        ("/predict", b"no image", "image/png"), ("/predict?top=x", IMAGE, "image/png"),
        ("/predict?more=1", IMAGE, "image/png"), ("/predict", b"{", "application/json"),
        ("/predict", b'{"image": "?"}', "application/json"),
        ("/predict", '{"image": "é"}'.encode(), "application/json"),
    ):  # fmt: skip
        answer = api.post(path, body, content_type=kind)
        assert answer.status == 400, path
        assert answer.json["error"]
    damaged = IMAGE[: len(IMAGE) // 2]
    assert api.post("/predict", damaged, content_type="image/png").status == 400
    answer = api.get("/predict")
    assert answer.status == 405
    assert answer.json["error"].startswith("there is no GET /predict here, but POST /predict; GET")
    assert "POST /predict" in api.get("/").json["error"]
    answer = api.post("/predict", b"--x", content_type="multipart/form-data; boundary=x")
    assert "as 'curl --data-binary @photo.jpg' does" in answer.json["error"]
    answer = api.post("/predict", {"text": "hello"})
    assert answer.json["error"].startswith("there is no image in the request: send it as the body")
    assert api.post("/predict", IMAGE, host="evil.example").status == 421
    assert api.post("/sample", {}).status == 404


def test_it_describes_itself(api: Client) -> None:
    page = api.get("/openapi.json").json
    assert page["openapi"].startswith("3.")
    assert set(page["paths"]) == {"/predict", "/health"}
    body = page["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "image/*"}
    assert api.get("/health").json["waiting"] == 0


def test_what_each_job_offers(tmp_path: Path) -> None:
    pytest.importorskip("starlette")
    from handloom.studio.openapi import description
    from handloom.studio.serving import offers

    assert list(offers(find_job("char-rnn"))) == ["/sample"]
    assert list(offers(None)) == ["/search"]
    with pytest.raises(UserError, match="nothing to serve"):
        offers(find_job("stylize"))
    validator = pytest.importorskip("openapi_spec_validator", reason="is not installed (dev)")
    for name in ("classifier", "text-classifier", "vae", "char-rnn"):
        page = description("x", find_job(name), list(offers(find_job(name))))
        assert page["paths"]
        validator.validate(page)
    page = description("x", None, ["/search"])
    assert "/search" in page["paths"]
    validator.validate(page)


@pytest.fixture(scope="module")
def generator() -> Iterator[Client]:
    yield from golden("vae")


@pytest.mark.parametrize("options", [
    {"count": "x"}, {"count": [1]}, {"count": True}, {"count": 1.5}, {"count": 101},
    {"length": "x"}, {"name": 1}, {"most_waiting": 1}, {"run": 1}, {"verb": 1}, {"seed": {}},
])  # fmt: skip
def test_samples_that_are_asked_wrongly(generator: Client, options: dict[str, object]) -> None:
    answer = generator.post("/sample", options)
    assert answer.status == 400, answer.body
    assert answer.json["error"]


def test_a_full_queue_is_answered_503(monkeypatch: pytest.MonkeyPatch) -> None:
    from handloom.studio import serving
    from handloom.studio.server import access_to, listen

    monkeypatch.setattr(serving, "Batches", partial(serving.Batches, most=1, queued=2))
    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    app = serving.server(GOLDEN / "classifier", find_job("classifier"), access)
    for _ in served(app, listener):
        client = Client(access.port)
        ask = partial(client.post, "/predict", IMAGE, content_type="image/png")
        with ThreadPoolExecutor(12) as clients:
            asked = [clients.submit(ask) for _ in range(12)]
        answers = [each.result() for each in asked]
        statuses = {answer.status for answer in answers}
        assert statuses == {200, 503}  # the process that answers has yet to import torch
        full = next(answer for answer in answers if answer.status == 503)
        assert full.headers["retry-after"] == "1"
        assert "are waiting" in full.json["error"]
