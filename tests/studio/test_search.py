"""Searching an index from the page: by an image, by clicking, with a condition, and on a map."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import handloom
from tests.studio.conftest import Client, served


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, shapes: Path) -> Path:
    """A folder with images, their index, and one of images that lie outside."""
    root = tmp_path_factory.mktemp("collection")
    shutil.copytree(shapes, root / "open" / "shapes")
    shutil.copytree(shapes, root / "outside")
    for name, place in (("inside", root / "open" / "shapes"), ("outside", root / "outside")):
        handloom.index(place, encoder="pixels", store=root / "open" / f"{name}.index").close()
    return root


@pytest.fixture(scope="module")
def finder(collection: Path) -> Iterator[Client]:
    pytest.importorskip("starlette", reason="handloom[studio] is not installed")
    from handloom.studio.app import studio
    from handloom.studio.folder import Folder
    from handloom.studio.server import access_to, listen

    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    for _ in served(studio(Folder(collection / "open"), access), listener):
        yield Client(access.port)


SEARCH = "/api/search?index=inside.index"


def test_indexes_and_what_they_hold(finder: Client) -> None:
    assert "inside.index" in finder.get("/api/indexes").json["indexes"]
    about = finder.get("/api/index?index=inside.index").json
    assert about["images"] == 36
    assert about["encoder"] == "pixels"
    assert not about["reads_texts"]
    assert finder.get("/api/index?index=../outside").status == 400


def test_queries(finder: Client, collection: Path) -> None:
    image = (collection / "open" / "shapes" / "red" / "3.png").read_bytes()
    by_image = finder.post(f"{SEARCH}&k=5", image, content_type="image/png").json
    assert [result["label"] for result in by_image["results"]] == ["red"] * 5
    first = by_image["results"][0]
    assert first["path"] == "shapes/red/3.png"
    by_click = finder.post(SEARCH, {"id": first["id"], "k": 5, "where": "label != 'red'"}).json
    assert by_click["query"] == first["id"]
    assert all(result["label"] != "red" for result in by_click["results"])
    assert len(finder.post(SEARCH, {"random": True, "k": 3}).json["results"]) == 3
    for body in ({"id": first["id"], "plus": ["red"]}, {"id": first["id"], "words": "red"},
                 {"id": first["id"], "k": float("inf")}):  # fmt: skip
        assert finder.post(SEARCH, body).status == 400, body
    none = finder.post(SEARCH, {"id": first["id"], "min_score": 1}).json
    assert none["results"] == []
    assert none["below"] < 1


def test_words_never_name_a_file(finder: Client, collection: Path) -> None:
    path = str(collection / "outside" / "red" / "3.png")
    answer = finder.post(SEARCH, {"words": path})
    assert answer.status == 400
    assert "reads no words" in answer.json["error"]


@pytest.mark.parametrize("query", [{"id": "x"}, {"id": 10**9}, {"k": 0, "id": 1}, {},
                                   {"id": 1, "where": "label = "}, {"id": 1, "min_score": "x"},
                                   {"id": 1, "k": 1000}])  # fmt: skip
def test_what_is_asked_wrongly(finder: Client, query: dict[str, object]) -> None:
    answer = finder.post(SEARCH, query)
    assert answer.status == 400
    assert answer.json["error"]


def test_what_is_refused_names_the_fields_of_a_request(finder: Client) -> None:
    refused = [
        ({"id": 1, "where": "lable = 'x'"}, "where: there is no column 'lable'"),
        ({"id": 10**9}, "id=1000000000: no image has this number"),
        ({"id": 1, "min_score": 3}, "min_score=3.0: must be auto"),
        ({"id": 1, "k": 0}, "k 0: must be from 1 to 60"),
        ({"id": 1, "image": "?"}, "'image': give id, words, random, k, where or min_score"),
    ]
    for query, sentence in refused:
        answer = finder.post(SEARCH, query).json["error"]
        assert sentence in answer, query
        assert "--" not in answer


def test_an_empty_answer_says_why(finder: Client) -> None:
    answer = finder.post(SEARCH, {"id": 1, "where": "label = 'Red'"}).json
    assert answer["why"] == "label has no 'Red': did you mean 'red'?"
    assert finder.post(SEARCH, {"id": 1}).json["why"] is None


def test_thumbnails_are_of_the_folder_alone(finder: Client) -> None:
    hit = finder.post(SEARCH, {"random": True, "k": 1}).json["results"][0]
    thumbnail = finder.get(f"/api/thumbnail?index=inside.index&id={hit['id']}")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert thumbnail.body[:2] == b"\xff\xd8"
    answer = finder.get("/api/thumbnail?index=outside.index&id=1")
    assert answer.status == 400
    assert "--data" in answer.json["error"]


def test_the_map_has_an_origin_of_its_own(finder: Client) -> None:
    answer = finder.get("/map?index=inside.index")
    assert answer.status == 200
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "36 images" in answer.body.decode()
