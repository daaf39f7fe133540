"""Every command of README and guide that is shown without its output is one that the command line
takes: its verb, each flag of that verb, and the kind of each value. Those with output are run, by
tests/test_readme.py and tests/test_guide.py."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from handloom.cli import parser
from handloom.cli.main import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += [
    page for name in ("guide", "zh", "code") for page in sorted((ROOT / "docs" / name).iterdir())
]
OUTPUT = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"^    (handloom .*)$", re.MULTILINE)
SHORT = re.compile(r"`(handloom [a-z][^`\n]* [^`\n]*)`")
GRAMMAR = re.compile(r"[\[\]|]|\.\.\.|…|\bJOB\b|\bVERB\b|\bN\b|--help")  # a form, and no command


def commands(form: re.Pattern[str]) -> list[str]:
    """Those of all pages, once each, without the comments behind them."""
    lines = set()
    for page in PAGES:
        if page.name == "log.md":
            continue
        text = OUTPUT.sub("", page.read_text(encoding="utf-8"))
        for line in form.findall(text):
            if not GRAMMAR.search(line):
                lines.add(shlex.join(shlex.split(line, comments=True)))
    return sorted(lines)


class Taken(Exception):  # noqa: N818
    """What was typed has been understood."""


@pytest.fixture
def parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command ends where it has been parsed."""
    parse = parser.parse

    def parsed(*given: Any) -> None:
        parse(*given)
        raise Taken

    monkeypatch.setattr(parser, "parse", parsed)


def test_there_are_some() -> None:
    assert len(commands(INDENTED)) > 60
    assert "handloom train classifier ./photos --tune all" in commands(INDENTED)


@pytest.mark.usefixtures("parsing")
@pytest.mark.parametrize("command", commands(INDENTED))
def test_a_command_is_taken(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Taken):
        assert main(shlex.split(command)[1:]) == 0, capsys.readouterr().err


@pytest.mark.usefixtures("parsing")
@pytest.mark.parametrize("command", commands(SHORT))
def test_a_command_within_a_sentence(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """It may leave out what it is about, as in `handloom train gan`."""
    monkeypatch.chdir(tmp_path)
    try:
        status = main(shlex.split(command)[1:])
    except Taken:
        return
    assert status == 2
    assert re.search(r" is missing|does not exist: 'handloom export", capsys.readouterr().err)


def test_nobody_is_sent_to_a_name_that_was_never_published() -> None:
    """What a registry has under `handloom` may be somebody else's: pages name the libraries."""
    for page in PAGES:
        if page.name != "log.md":
            text = page.read_text(encoding="utf-8")
            assert not re.search(r"install[^\n]*[ '\"]handloom(\[|['\"`\s])", text), page
