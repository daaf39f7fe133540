"""The cache of decoded images: rebuilt when damaged, bounded, and never half-written."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from handloom.data.images import decoded, divide
from handloom.data.images.load import load
from handloom.data.io import cache, digest
from handloom.data.io.storage import cache_folder, shrink
from handloom.errors import UserError


def folders() -> list[Path]:
    return sorted(path.parent for path in cache_folder().glob("*/images.bin"))


@pytest.mark.parametrize("damage", ["cut", "flip", "about", "about cut", "gone"])
def test_damage_is_mended(photos: Path, damage: str) -> None:
    first = load(photos).train.image.clone()
    (folder,) = folders()
    images, about = folder / "images.bin", folder / "about.json"
    content = bytearray(images.read_bytes())
    if damage == "cut":
        images.write_bytes(content[:-1])
    elif damage == "flip":
        content[len(content) // 2] ^= 1
        images.write_bytes(content)
    elif damage == "about":
        about.write_text(about.read_text("utf-8").replace("JPEG", "JPAG"))
    elif damage == "about cut":
        about.write_text(about.read_text("utf-8")[:-9])
    else:
        images.unlink()
    assert torch.equal(load(photos).train.image, first)
    assert len(folders()) == 1


def test_nothing_is_left_of_a_failure(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(decoded, "_facts", fail)
    with pytest.raises(KeyboardInterrupt):
        load(photos)
    assert folders() == []
    assert list(cache_folder().glob(".part-*")) == []


def test_full_disk(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.Writer, "append", full)
    with pytest.raises(UserError, match=r"No space left on device.*HANDLOOM_CACHE"):
        load(photos)
    assert list(cache_folder().glob(".part-*")) == []


def test_cache_folder_that_is_a_file(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="set HANDLOOM_CACHE to another folder"):
        load(photos)


def test_oldest_go_first(tmp_path: Path) -> None:
    for _number, name in enumerate(("old", "older", "new", "kept")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "images.bin").write_bytes(b"x" * 1000)
        (tmp_path / name / "used").touch()
        age = {"old": 100, "older": 200, "new": 0, "kept": 900}[name]
        os.utime(tmp_path / name / "used", (10_000 - age, 10_000 - age))
    (tmp_path / ".part-x").mkdir()
    (tmp_path / "kept" / ".part-y").touch()
    for part in (".part-x", "kept/.part-y"):
        os.utime(tmp_path / part, (0, 0))
    shrink(tmp_path, 2500, keep=tmp_path / "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "new"]
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["images.bin", "used"]


def test_use_counts_as_use(photos: Path) -> None:
    load(photos)
    used = folders()[0] / "used"
    os.utime(used, (0, 0))
    load(photos)
    assert used.stat().st_mtime > 0


def test_limit_from_the_environment(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(photos)
    monkeypatch.setenv("HANDLOOM_CACHE_GIB", "0")
    load(photos, size=32)
    assert len(folders()) == 1  # the one in use stays
    for odd in ("many", "nan", "inf", "-1"):
        monkeypatch.setenv("HANDLOOM_CACHE_GIB", odd)
        with pytest.raises(UserError, match="set it to a number of GiB"):
            load(photos, size=48)


def test_large_sets_stay_in_files(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = load(photos)
    monkeypatch.setattr(divide, "MOST_RESIDENT", 1000)
    for _ in range(2):
        large = load(photos)
        assert torch.equal(large.train.image, small.train.image)
        assert large.train.names == small.train.names
        assert large.valid is not None
        assert small.valid is not None
        assert torch.equal(large.valid.image, small.valid.image)
    assert len(list(folders()[0].glob("rows-*.bin"))) == 2


FILL = """
import sys, time
from pathlib import Path
import numpy as np, torch
from handloom.data.io import cache
number, shape = int(sys.argv[1]), {"size": [8, 8], "channels": 1}
for name in sys.argv[3:]:
    gate = Path(sys.argv[2]) / f"{name}-{number}"
    with cache.writer(name) as target:
        target.append(np.full((50, 8, 8, 1), 7, np.uint8))
        target.describe(list(range(50)), [], {}, shape)
        gate.with_suffix(".ready").touch()
        while not gate.exists():
            time.sleep(0.005)
    rows = cache.gathered(name, cache.opened(name).image, torch.arange(number, 50))
    assert int(rows.sum()) == 7 * 64 * len(rows)
    gate.with_suffix(".done").touch()
"""
FILLED = ("in-turn", "in-turn-damaged", "at-once", "at-once-damaged")


def test_two_processes_that_fill_the_same_cache(tmp_path: Path) -> None:
    """Both are inside the writer before one ends; the later must leave the earlier's folder. They
    fill four caches, since they take seconds to start."""
    root = tmp_path / "cache"
    for name in FILLED:
        if "damaged" in name:
            (root / name).mkdir(parents=True)
            (root / name / "images.bin").write_bytes(b"half")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FILL, str(number), str(tmp_path), *FILLED],
            env={**os.environ, "HANDLOOM_CACHE": str(root)}, stderr=subprocess.PIPE, text=True,
        )
        for number in (0, 1)
    ]  # fmt: skip

    def wait(*signs: Path) -> None:
        while not all(sign.exists() for sign in signs):
            assert all(process.poll() in (None, 0) for process in processes)
            time.sleep(0.01)

    for name in FILLED:
        gates = [tmp_path / f"{name}-{number}" for number in (0, 1)]
        wait(*(gate.with_suffix(".ready") for gate in gates))
        for gate in gates:
            gate.touch()
            if "in-turn" in name:
                wait(gate.with_suffix(".done"))
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    for name in FILLED:
        assert len(list((root / name).glob("rows-*.bin"))) == 2, "a folder in use was removed"
    assert not list(root.glob(".part-*"))


def test_memory_is_bounded(tmp_path: Path) -> None:
    """200 MB of images are written, and half of them gathered, with few of them in memory."""
    resource = pytest.importorskip("resource")
    del resource
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc to measure in")
    code = """
import sys, numpy as np, torch
from pathlib import Path
from handloom.data.io import cache
def private():
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
before = private()
shape = {"size": [256, 256], "channels": 2}
with cache.writer("big") as target:
    for part in range(20):
        target.append(np.full((80, 256, 256, 2), part, np.uint8))
    target.describe(list(range(1600)), [], {}, shape)
image = cache.gathered("big", cache.opened("big").image, torch.arange(0, 1600, 2))
assert image.shape == (800, 256, 256, 2) and int(image[40, 0, 0, 0]) == 1
image.sum()
print((private() - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "HANDLOOM_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert int(done.stdout) < 150


def test_digests_are_remembered(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(photos.rglob("*.png"))
    for path in paths:
        os.utime(path, (1000, 1000))

    def silent(what: str, done: int, total: int) -> None:
        pass

    first = digest.file_digests(photos, paths, silent)
    assert len(set(first)) == len(paths)
    with monkeypatch.context() as patch:
        patch.setattr(digest, "_file_digest", None)
        assert digest.file_digests(photos, paths, silent) == first
    paths[0].write_bytes(b"other")
    assert digest.file_digests(photos, paths, silent)[1:] == first[1:]
    assert digest.file_digests(photos, paths, silent)[0] != first[0]
    side = next((cache_folder() / "digests").iterdir())
    side.write_text("[damaged")
    assert digest.file_digests(photos, paths, silent)[1:] == first[1:]


def test_young_files_are_read_again(tmp_path: Path) -> None:
    """A change within the clock's tick, of the same length, must be seen."""
    path = tmp_path / "a.png"

    def silent(what: str, done: int, total: int) -> None:
        pass

    path.write_bytes(b"one")
    state = path.stat()
    first = digest.file_digests(tmp_path, [path], silent)
    path.write_bytes(b"two")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert digest.file_digests(tmp_path, [path], silent) != first


def test_image_digest_sees_labels_and_pixels() -> None:
    image = torch.from_numpy(np.arange(48, dtype=np.uint8).reshape(3, 4, 4, 1))
    label = torch.tensor([0, 1, 2])
    known = digest.image_digest(image, label)
    assert known != digest.image_digest(image, label.flip(0))
    assert known != digest.image_digest(image + 1, label)
    assert known != digest.image_digest(image.reshape(3, 2, 8, 1), label)
    assert len(known) == 32


@pytest.mark.parametrize("row", [0, 1, 118, 4_999])
def test_any_changed_image_changes_the_digest(row: int) -> None:
    from handloom.data.io.digest import image_digest

    image = torch.zeros(5_000, 4, 4, 1, dtype=torch.uint8)
    before = image_digest(image, None)
    image[row, 3, 3] = 1
    assert image_digest(image, None) != before
