"""Kaggle's own library against a server on this machine that answers as Kaggle does."""

import io
import json
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from handloom.bundles import fetch
from handloom.bundles.known import find_item
from handloom.errors import UserError
from tests.data.conftest import Draw, Silent, running

NAME = "kaggle:masouduut94/digikala-color-classification"
TOKEN = "a token of the user's"
seen: list[tuple[str, str | None]] = []


def archive(draw: Draw) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        for number in range(4):
            image = io.BytesIO()
            draw(number).save(image, "PNG")
            color = "red" if number % 2 else "blue"
            zipped.writestr(f"train/{color}/{number}.png", image.getvalue())
    return content.getvalue()


class Kaggle(Silent, SimpleHTTPRequestHandler):
    """The two calls of a download: which version is current, and the archive."""

    content = b""
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen.append((self.path.rpartition("/")[2], self.headers.get("Authorization")))
        content = self.content
        if self.path.endswith("GetDataset"):
            content = json.dumps({"currentVersionNumber": 1}).encode()
        self.send_response(self.status)
        kind = "zip" if content is self.content else "json"
        self.send_header("Content-Type", f"application/{kind}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw) -> Iterator[Any]:
    """The class of the server, which a test can change; it runs until the test ends."""
    pytest.importorskip("kagglehub")
    from kagglesdk import kaggle_env

    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_KERNEL_RUN_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kagglehub"))
    seen.clear()
    handler = type("Here", (Kaggle,), {"content": archive(draw)})
    with running(handler) as url:
        environment: Any = kaggle_env
        monkeypatch.setitem(environment._env_to_endpoint, environment.KaggleEnv.PROD, url)
        yield handler


def test_a_data_set_is_put_into_the_bundle(kaggle: Any, tmp_path: Path) -> None:
    (fetched,) = fetch([NAME], tmp_path / "stick")
    assert fetched.error is None
    place = tmp_path / "stick" / "kaggle" / "masouduut94" / "digikala-color-classification"
    assert fetched.place == place
    assert sorted(path.name for path in (place / "train").rglob("*.png")) == [
        "0.png", "1.png", "2.png", "3.png",
    ]  # fmt: skip
    assert {name for name, _ in seen} == {"GetDataset", "DownloadDataset"}
    assert {token for _, token in seen} == {f"Bearer {TOKEN}"}


def test_it_is_downloaded_once(kaggle: Any, own: Path, tmp_path: Path) -> None:
    fetch([NAME])
    assert find_item(NAME).here() == own / "kaggle/masouduut94/digikala-color-classification"
    seen.clear()
    assert fetch([NAME], tmp_path / "stick")[0].error is None
    assert seen == []


@pytest.mark.parametrize(
    ("status", "message"), [(403, "answer 403: get a token"), (404, "no such data set"),
                            (500, "answer 500")],
)  # fmt: skip
def test_what_kaggle_refuses(kaggle: Any, own: Path, status: int, message: str) -> None:
    kaggle.status = status
    (fetched,) = fetch([NAME])
    assert fetched.error is not None
    assert message in fetched.error
    assert find_item(NAME).here() is None


def test_without_a_connection(kaggle: Any, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kagglesdk import kaggle_env

    environment: Any = kaggle_env
    nobody = "http://127.0.0.1:9"
    monkeypatch.setitem(environment._env_to_endpoint, environment.KaggleEnv.PROD, nobody)
    (fetched,) = fetch([NAME])
    assert fetched.error == f"{NAME} could not be downloaded (no connection)"


def test_an_archive_that_is_none(kaggle: Any, own: Path) -> None:
    kaggle.content = b"not an archive"
    (fetched,) = fetch([NAME])
    assert fetched.error is not None
    assert "could not be downloaded" in fetched.error


def test_without_the_library(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    with pytest.raises(UserError, match="needs kagglehub, which is missing: pip install kagglehub"):
        find_item(NAME).bring(tmp_path, None)


def test_offline(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kagglehub")
    monkeypatch.setenv("HANDLOOM_OFFLINE", "1")
    with pytest.raises(UserError, match="HANDLOOM_OFFLINE is set"):
        find_item(NAME).bring(tmp_path, None)
