"""Names and texts of other people are printed as they are, and do nothing to the terminal."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from handloom.cli.main import main

MARK = "--- ended ---"  # after each command
TEXTS = {
    "markup": "[/s] is not [spam] [bold]markup[/bold] [link=x]y[/link] :smile:",
    "escape": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m \r\b back",
    "bidirectional": "abc \u202egpj.exe\u2066",
    "emoji": "\U0001f469\u200d\U0001f467 na\u00efve \u732b \u0641\u0627\u0631\u0633\u06cc\u200c",
    "long": "supercalifragilistic" * 20,
}
HARMLESS = {"markup", "emoji", "long"}  # shown as they are
CONTROL = {chr(code) for code in (*range(32), *range(127, 160), 0x202E, 0x2066)} - {"\n", "\t"}


def shown(output: str) -> str:
    """What was printed, without the line breaks and padding of a table."""
    assert not CONTROL & set(output), "a control character reaches the terminal"
    return "".join(output.split())


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def sorter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text classifier whose classes have odd names."""
    import handloom

    folder = tmp_path_factory.mktemp("[odd] \u732b")
    rows = [{"text": f"{word} {i}", "target": target} for i in range(40)
            for word, target in (("fine", "[good]"), ("dull", "b\x1b[31mad [/x]"))]  # fmt: skip
    table = folder / "reviews [1].csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", "target"])
        writer.writeheader()
        writer.writerows(rows)
    out = folder / "run [2]"
    handloom.train("text-classifier", table, out=out, network="bag", epochs=1, quiet=True)
    return out


@pytest.mark.parametrize("kind", list(TEXTS))
def test_predict(
    sorter: Path,
    kind: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # so that no cell of the table is folded
    text = TEXTS[kind]
    assert main(["predict", str(sorter), "--", text]) == 0
    output = shown(capsys.readouterr().out)
    assert "[good]" in output or "b\\x1b[31mad[/x]" in output
    if kind in HARMLESS:
        assert squeezed(text) in output
    assert main(["predict", str(sorter), "--json", "--", text]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == text


def test_evaluate_and_runs(sorter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(sorter)]) == 0
    output = shown(capsys.readouterr().out)
    assert "[good]" in output
    assert "b\\x1b[31mad[/x]" in output
    assert main(["runs", str(sorter.parent)]) == 0
    output = shown(capsys.readouterr().out)
    assert "run[2]" in output
    assert "reviews[1].csv" in output


def test_training_names_paths_and_broken_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for colour, name in ((10, "[red]"), (200, "b\x1b[2Jlue [x]")):
        folder = tmp_path / "set [a]" / name
        folder.mkdir(parents=True)
        for i in range(8):
            Image.new("RGB", (8, 8), (colour, i, i)).save(folder / f"{i}.png")
    (tmp_path / "set [a]" / "[red]" / "[broken].png").write_bytes(b"\x89PNG")
    data, out = str(tmp_path / "set [a]"), str(tmp_path / "run [b]")
    words = ["train", "classifier", data, "--network", "mlp", "--epochs", "1", "--out", out]
    assert main(words) == 0
    captured = capsys.readouterr()
    error = shown(captured.err)
    assert "set[a]" in error
    assert "[broken].png" in error
    assert "run[b]" in error
    assert f"nexthandloompredict'{squeezed(out)}'IMAGE" in shown(captured.out).replace(":", "")
    assert main(["show", data]) == 0
    output = shown(capsys.readouterr().out)
    assert "[red]" in output
    assert "b\\x1b[2Jlue[x]" in output
    assert "[broken].png" in output


@pytest.mark.parametrize("kind", list(TEXTS))
def test_errors(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", TEXTS[kind], "x"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert not CONTROL & set(error)
    if kind in HARMLESS:
        assert TEXTS[kind][:200] in error


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names there are Unicode")
def test_a_file_name_that_is_not_unicode(
    digits_run: Path, digit_files: list[str], tmp_path: Path
) -> None:
    """In a process of its own, whose output is a pipe."""
    name = os.fsencode(tmp_path) + b"/\xff.png"
    with open(digit_files[0], "rb") as source, open(name, "wb") as target:
        target.write(source.read())
    command = ["predict", str(digits_run), os.fsdecode(name)]
    printed = in_a_process(
        "utf-8", [*command, "--json"], [*command, "--out", str(tmp_path / "p.csv")], command
    )
    assert len(printed) == 3
    assert all(b"\\udcff" in output for output in printed)
    assert "\\udcff.png" in (tmp_path / "p.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_cannot_show_everything(sorter: Path, encoding: str) -> None:
    text = "\u732b \U0001f469 fine"
    command = ["predict", str(sorter), text]
    as_json, as_table = in_a_process(encoding, [*command, "--json"], command)
    assert json.loads(as_json.decode(encoding))["input"] == text
    assert b"\\u732b" in as_table


COMMANDS = f"""
import json, sys
from handloom.cli.main import main
for command in json.loads(sys.argv[1]):
    assert main(command) == 0, command
    print({MARK!r}, flush=True)
"""


def in_a_process(encoding: str, *commands: list[str]) -> list[bytes]:
    """What each command prints, in one process whose output has this encoding."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "HANDLOOM_COMPILE": "0"}
    command = [sys.executable, "-c", COMMANDS, json.dumps(commands)]
    ended = subprocess.run(command, capture_output=True, env=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split(MARK.encode())[:-1]
