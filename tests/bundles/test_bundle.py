"""A bundle is all that a machine without internet needs: it is used with no server left."""

import hashlib
import os
from pathlib import Path

import pytest

from handloom.bundles import fetch
from handloom.bundles.bundle import README, SUMS
from handloom.data.images.load import load
from handloom.errors import UserError


def test_a_bundle_is_used_without_a_server(
    mnist: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "stick"
    (fetched,) = fetch(["mnist"], bundle)
    assert fetched.error is None
    assert fetched.place == bundle / "MNIST" / "raw"
    assert fetched.bytes == sum(path.stat().st_size for path in fetched.place.iterdir())
    assert not own.exists()
    for path in mnist.iterdir():
        path.unlink()
    moved = bundle.rename(tmp_path / "there")
    monkeypatch.setenv("HANDLOOM_DATA", str(moved))
    monkeypatch.setenv("HANDLOOM_OFFLINE", "1")
    assert len(load("mnist").train) == 24


def test_the_sums_are_those_of_the_files(mnist: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "stick"
    fetch(["mnist"], bundle)
    rows = [line.split("  ") for line in (bundle / SUMS).read_text("utf-8").splitlines()]
    assert len(rows) == 4
    for digest, name in rows:
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    assert "handloom train classifier mnist" in (bundle / README).read_text("utf-8")


def test_a_second_call_adds_to_it(mnist: Path, own: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "stick"
    fetch(["mnist"], bundle)
    (own / "text").mkdir(parents=True)
    (own / "text" / "rt_polarity.csv").write_text("text,target\nfine,1\n")
    fetch(["rt_polarity"], bundle)
    assert len((bundle / SUMS).read_text("utf-8").splitlines()) == 5
    lines = (bundle / README).read_text("utf-8").rpartition("is used:\n\n")[2].splitlines()
    assert [line.split(":")[0].strip() for line in lines] == ["mnist", "rt-polarity"]


def test_what_this_machine_has_is_not_downloaded(mnist: Path, own: Path, tmp_path: Path) -> None:
    fetch(["mnist"])
    assert (own / "MNIST" / "raw").is_dir()
    assert not (own / SUMS).exists()
    for path in mnist.iterdir():
        path.unlink()
    (fetched,) = fetch(["mnist"], tmp_path / "stick")
    assert fetched.error is None
    assert len(load("mnist").train) == 24


def test_the_rest_goes_on_when_something_fails(mnist: Path, own: Path, tmp_path: Path) -> None:
    first = sorted(mnist.iterdir())[0]
    first.write_bytes(b"damaged")
    failed, bundled = fetch(["mnist", "digits"], tmp_path / "stick")
    assert failed.place is None
    assert failed.error is not None
    assert "its md5 is" in failed.error
    assert bundled.error is None
    assert not (tmp_path / "stick" / SUMS).exists() or os.listdir(tmp_path / "stick")


def test_nothing_is_fetched_where_a_name_is_wrong(mnist: Path, own: Path) -> None:
    with pytest.raises(UserError, match="nothing called 'minst': did you mean 'mnist'"):
        fetch(["mnist", "minst"])
    assert not own.exists()
