"""Files written whole: with the umask's permissions, and a reason where they cannot be."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.runs.files import (
    DAY,
    append_line,
    part_beside,
    remove_abandoned,
    synchronize,
    writable,
    write_whole,
    written_whole,
)


def test_written_whole(tmp_path: Path) -> None:
    with written_whole(tmp_path / "deep" / "file") as part:
        part.write_text("whole")
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "deep" / "file") as part:
        part.write_text(str(1 // 0))
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]
    assert (tmp_path / "deep" / "file").read_text("utf-8") == "whole"


def test_windows_waits_for_another_process_that_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does there, on every system: PermissionError while a file is open elsewhere."""
    replace, refused = os.replace, list[str]()

    def busy(*places: Path) -> None:
        if len(refused) < 2:
            refused.append("in use")
            raise PermissionError
        replace(*places)

    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(sys, "platform", "win32")
    write_whole(tmp_path / "file", b"whole")
    assert len(refused) == 2
    assert (tmp_path / "file").read_bytes() == b"whole"
    refused.clear()
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UserError, match="cannot write"):
        write_whole(tmp_path / "file", b"other")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_synchronized_is_open_for_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows synchronizes nothing else."""
    append_line(tmp_path / "lines", "one")
    written = list[int]()
    monkeypatch.setattr(os, "fsync", lambda file: written.append(os.write(file, b"")))
    synchronize(tmp_path / "lines")
    assert written == [0]
    assert (tmp_path / "lines").read_bytes() == b"one\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize(("umask", "mode"), [("022", 0o644), ("077", 0o600), ("002", 0o664)])
def test_files_get_the_mode_of_the_umask(tmp_path: Path, umask: str, mode: int) -> None:
    """In a process of its own: the umask belongs to the whole process."""
    code = """
from pathlib import Path
from handloom.runs.files import write_whole, written_whole
write_whole(Path("bytes"), b"x")
with written_whole(Path("part")) as part:
    part.write_text("x")
"""
    command = f'umask {umask} && exec "$0" -c "$1"'
    subprocess.run(["sh", "-c", command, sys.executable, code], cwd=tmp_path, check=True)
    for name in ("bytes", "part"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_images_that_users_hand_on_are_readable(tmp_path: Path) -> None:
    import torch

    from handloom.data.images import photo

    before = os.umask(0o022)
    try:
        photo.write(torch.zeros(1, 3, 8, 8), tmp_path / "out.png")
        photo.write_frames([tmp_path / "out.png"] * 2, tmp_path / "out.gif")
    finally:
        os.umask(before)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644, path


def test_the_reason_is_the_real_one(tmp_path: Path) -> None:
    def fail(path: Path) -> str:
        with pytest.raises(UserError) as caught, writable(path), path.open("wb"):
            pass
        return str(caught.value)

    (tmp_path / "file").write_text("x")
    assert f"make the folder {tmp_path / 'no' / 'such'} first" in fail(tmp_path / "no/such/p.csv")
    assert "name a file in it" in fail(tmp_path)
    assert f"{tmp_path / 'file'} is a file, not a folder" in fail(tmp_path / "file" / "p.csv")
    with pytest.raises(UserError, match="is a file, not a folder"):
        write_whole(tmp_path / "file" / "deep" / "p.csv", b"x")
    for number in (errno.EROFS, errno.EACCES):
        with pytest.raises(UserError, match="allow writing there"), writable(tmp_path / "no/p.csv"):
            raise OSError(number, os.strerror(number))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_called_full() -> None:
    path = Path("/dev/full")
    with pytest.raises(UserError, match="free some space"), writable(path):
        path.write_bytes(b"x")


def test_what_killed_processes_left_goes_after_a_day(tmp_path: Path) -> None:
    old, young, folder = (part_beside(tmp_path / "file") for _ in range(3))
    for path in (old, young):
        path.write_text("half")
    folder.mkdir()
    (folder / "half").write_text("half")
    for path in (old, folder):
        at = path.stat().st_mtime - DAY - 10
        os.utime(path, (at, at))
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == [young]


def test_a_half_line_stays_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_line(path, "a")
    with path.open("a") as file:
        file.write("hal")
    append_line(path, "\N{SNOWMAN}")
    append_line(path, "c")
    assert path.read_text(encoding="utf-8") == "a\nhal\n\N{SNOWMAN}\nc\n"
