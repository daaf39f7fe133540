"""Searches by words in a fresh process: without torch, and with the answers of torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.data.io.storage import cache_folder
from handloom.extras import has
from handloom.search.queries import Queries
from tests.search.test_vectors import CHECK

pytestmark = [
    pytest.mark.skipif(not has("export"), reason="onnx, onnxscript, onnxruntime missing"),
    pytest.mark.usefixtures("quick_exports"),
]
ROUNDING = 1e-3  # of cosines, between bfloat16 and float32
QUERIES = ("a red bar above", "a Purple bar below", "blue")


@pytest.fixture(scope="module")
def indexed(clip_run: Path, pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images of the pairs with an index, and the cache in which the encoder is compiled."""
    folder = tmp_path_factory.mktemp("indexed")
    shutil.copytree(pairs.parent, folder / "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDLOOM_CACHE", str(folder / "cache"))
        handloom.index(folder / "photos", encoder=clip_run).close()
    return folder


@pytest.fixture(autouse=True)
def photos(indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them, and of the cache."""
    shutil.copytree(indexed, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "photos"


def asked(*words: object, code: str = CHECK) -> subprocess.CompletedProcess[str]:
    """A command in a fresh process, which fails where it imports torch."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], check=True, text=True, capture_output=True
    )


def found(answer: str) -> list[tuple[int, float]]:
    return [(each["id"], each["score"]) for each in map(json.loads, answer.splitlines())]


def by_torch(index: Any, *query: Any, **more: Any) -> list[tuple[int, float]]:
    answer = index.search(*query, **more)
    return [(each.id, each.score) for each in answer.results]


def agree(one: list[tuple[int, float]], other: list[tuple[int, float]]) -> bool:
    """Whether scores are the same at every place and of every image, to ROUNDING; images whose
    scores differ by less may change places, the last ones with others that are not shown."""
    places = zip(one, other, strict=True)
    is_same = all(abs(a - b) < ROUNDING for (_, a), (_, b) in places)
    known, last = dict(other), other[-1][1]
    return is_same and all(abs(known.get(number, last) - score) < ROUNDING for number, score in one)


def test_words_are_answered_as_by_torch(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {words: found(asked("search", photos, words, "--json").stdout) for words in QUERIES}
    mixed = asked("search", photos, "--id", 1, "--plus", "red", "--minus", "blue", "--json").stdout
    auto = asked("search", photos, "blue", "--min-score", "auto")
    unknown = asked("search", photos, "a Purple bar below").stderr
    monkeypatch.setattr("handloom.search.queries.vectors_of", lambda _, find: find())
    with handloom.open_index(photos) as index:
        for words in QUERIES:
            assert agree(answers[words], by_torch(index, words))
        assert agree(found(mixed), by_torch(index, 1, plus=["red"], minus=["blue"]))
        least = index.search("blue", min_score="auto").min_score
    assert least is not None
    assert f"--min-score auto is {least:.2f} here for words" in auto.stderr
    assert "passed over, since the encoder does not know it: 'Purple'" in unknown


def test_the_first_search_without_a_compiled_network_compiles_it(
    photos: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(cache_folder())
    command = [sys.executable, "-m", "handloom", "search", str(photos), "blue", "--json"]
    before = subprocess.run(command, check=True, text=True, capture_output=True)
    assert before.stderr == ""  # the first time may be the only one
    again = subprocess.run(command, check=True, text=True, capture_output=True)
    assert "compiling the encoder, once" in again.stderr
    after = asked("search", photos, "blue", "--json")
    assert agree(found(after.stdout), found(before.stdout))
    assert after.stderr == ""


def test_a_cache_that_cannot_be_written_is_left_alone(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(cache_folder())
    cache_folder().write_text("a file")
    with handloom.open_index(photos) as index:
        assert index.search("blue").results
        monkeypatch.setattr("torch.onnx.export", None)  # nor is it tried
        assert not index.queries.to_compile()


def test_lines_are_found_and_added_without_torch(clip_run: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("a red bar above\na blue bar below\n")
    handloom.index(lines, encoder=clip_run).close()
    lines.write_text("a red bar above\na blue bar below\na green bar\nzebra\n")
    assert "1 embedded" in asked("index", lines).stdout
    assert "a green bar" in asked("search", lines, "green", "-k", 1).stdout


def test_the_run_trained_on_is_not_answered_with_other_weights(
    clip_run: Path, photos: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(clip_run, tmp_path / "run")
    handloom.index(photos, encoder=run).close()
    weights = run / "networks.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with handloom.open_index(photos) as index:
        assert isinstance(index.queries, Queries)
        with pytest.raises(handloom.UserError, match="other weights now"):
            index.search("blue")
