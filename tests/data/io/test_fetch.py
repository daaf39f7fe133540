"""Downloads from a real server on this machine: verified, bounded, whole or not at all."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from handloom.data.images.load import load
from handloom.data.images.named import catalog
from handloom.data.io.fetch import Remote, fetch
from handloom.errors import UserError
from tests.data.conftest import Draw, breaking, running
from tests.data.images.named.test_idx import write_set


def offered(url: str, path: Path, unpacks: str, most: int = 1 << 20) -> Remote:
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return Remote((f"{url}/{path.name}",), md5, most, unpacks)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_named_set(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    write_set(folder, packed=True)
    remotes = tuple(offered(url, path, path.name[:-3]) for path in sorted(folder.iterdir()))
    monkeypatch.setitem(
        catalog.CATALOG, "mnist", replace(catalog.CATALOG["mnist"], remotes=remotes)
    )
    seen: list[tuple[str, int, int]] = []
    found = load("mnist", report=lambda *step: seen.append(step))
    assert found.test is not None
    assert (len(found.train), len(found.test)) == (24, 10)
    assert left(no_data / "MNIST" / "raw") == sorted(path.name[:-3] for path in folder.iterdir())
    assert any(
        what.startswith("downloading train-images") and done == total for what, done, total in seen
    )
    for path in folder.iterdir():
        path.unlink()
    assert load("mnist").fingerprint == found.fingerprint  # without the server


def test_class_folders_in_an_archive(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    url, folder = server
    with zipfile.ZipFile(folder / "EuroSAT.zip", "w") as zipped:
        for number in range(20):
            buffer = io.BytesIO()
            draw(number).save(buffer, "PNG")
            zipped.writestr(
                f"2750/{'river' if number % 2 else 'sea'}/{number}.png", buffer.getvalue()
            )
    remote = offered(url, folder / "EuroSAT.zip", "2750")
    monkeypatch.setitem(
        catalog.CATALOG, "eurosat", replace(catalog.CATALOG["eurosat"], remotes=(remote,))
    )
    found = load("eurosat")
    assert found.name == "eurosat"
    assert found.train.classes == ("river", "sea")
    assert left(no_data / "eurosat") == ["2750"]


def test_mirror_comes_first(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    (folder / "set.gz").write_bytes(gzip.compress(b"content"))
    remote = replace(offered(url, folder / "set.gz", "set"), urls=("http://127.0.0.1:9/set.gz",))
    with pytest.raises(UserError, match=r"set.gz could not be downloaded \(http://127.0.0.1:9"):
        fetch(remote, tmp_path / "to", None)
    monkeypatch.setenv("HANDLOOM_MIRROR", url + "/")
    fetch(remote, tmp_path / "to", None)
    assert (tmp_path / "to" / "set").read_bytes() == b"content"


def test_archive_put_there_by_hand(tmp_path: Path) -> None:
    (tmp_path / "set.gz").write_bytes(gzip.compress(b"content"))
    fetch(offered("http://127.0.0.1:9", tmp_path / "set.gz", "set"), tmp_path, None)
    assert (tmp_path / "set").read_bytes() == b"content"


@pytest.mark.parametrize("wrong", ["md5", "size", "absent", "scheme", "not gz"])
def test_nothing_is_left_of_a_failure(server: tuple[str, Path], tmp_path: Path, wrong: str) -> None:
    url, folder = server
    (folder / "set.gz").write_bytes(
        b"x" * 9 if wrong == "not gz" else gzip.compress(b"content" * 999)
    )
    remote = offered(url, folder / "set.gz", "set")
    message = {"md5": "its md5 is", "size": "larger than 20 bytes", "absent": "answer 404",
               "scheme": "only http", "not gz": "gzip"}[wrong]  # fmt: skip
    if wrong == "md5":
        remote = replace(remote, md5="0" * 32)
    elif wrong == "size":
        remote = replace(remote, most_bytes=20)
    elif wrong == "absent":
        (folder / "set.gz").unlink()
    elif wrong == "scheme":
        remote = replace(remote, urls=(f"file://{folder}/set.gz",))
    with pytest.raises(UserError, match=message):
        fetch(remote, tmp_path / "to", None)
    assert left(tmp_path / "to") == [] if (tmp_path / "to").exists() else True


def test_connection_that_breaks(tmp_path: Path) -> None:
    with running(breaking(b"x" * 1000, 10)) as url:
        remote = Remote((f"{url}/a.gz",), "0" * 32, 9999, "a")
        with pytest.raises(UserError, match="could not be downloaded"):
            fetch(remote, tmp_path / "to", None)
    assert left(tmp_path / "to") == []


@pytest.mark.parametrize("name", ["../../evil.txt", "/tmp/handloom/evil.txt"])
def test_archives_do_not_climb_out(name: str, server: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = server
    with tarfile.open(folder / "set.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))
    with pytest.raises(UserError, match="could not be downloaded"):
        fetch(offered(url, folder / "set.tar.gz", "set"), tmp_path / "to", None)
    assert not list(tmp_path.rglob("evil.txt"))
    assert not Path("/tmp/handloom/evil.txt").exists()
    assert left(tmp_path / "to") == []


def test_links_in_archives_are_left_out(server: tuple[str, Path], tmp_path: Path) -> None:
    """A link out of the archive, and a file that would be written through it."""
    url, folder = server
    (tmp_path / "outside").mkdir()
    with tarfile.open(folder / "set.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("set/way")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
        tar.addfile(link)
        entry = tarfile.TarInfo("set/way/evil.txt")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))
    fetch(offered(url, folder / "set.tar.gz", "set"), tmp_path / "to", None)
    assert list((tmp_path / "outside").iterdir()) == []
    assert not (tmp_path / "to" / "set" / "way").is_symlink()


def test_catalog_is_complete() -> None:
    for entry in catalog.CATALOG.values():
        assert entry.read is not None or entry.remotes
        assert len(set(entry.classes)) == len(entry.classes)
        for remote in entry.remotes:
            assert len(remote.md5) == 32
            assert remote.file
    assert len(catalog.CATALOG["cifar100"].classes) == 100


def test_absent_and_offline(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remotes = tuple(
        replace(remote, urls=(f"http://127.0.0.1:9/{remote.file}",))
        for remote in catalog.CATALOG["cifar10"].remotes
    )
    monkeypatch.setitem(
        catalog.CATALOG, "cifar10", replace(catalog.CATALOG["cifar10"], remotes=remotes)
    )
    with pytest.raises(UserError) as caught:
        load("cifar10")
    assert str(no_data) in str(caught.value)
    assert "HANDLOOM_DATA" in str(caught.value)
