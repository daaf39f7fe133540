"""Every script of benchmarks/ can be run: it loads, says how it is called, and is listed.

mypy reads them too, so that none goes on calling what has another name by now.
"""

import re
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.py"))}
SCRIPTS = [name for name, text in TEXTS.items() if '\nif __name__ == "__main__":' in text]
PARTS = sorted(set(TEXTS) - set(SCRIPTS) - {"__init__"})  # that scripts share


@pytest.mark.parametrize("name", SCRIPTS)
def test_help(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    if "import resource" in TEXTS[name]:
        pytest.importorskip("resource", reason="Windows has no module `resource`")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    # From Python 3.14 on argparse says `python -m pytest` where that is the main module.
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with pytest.raises(SystemExit) as end:
        import_module(f"benchmarks.{name}").main()
    assert end.value.code == 0
    assert re.match(rf"usage: .*\b{name}\b", capsys.readouterr().out)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_docstring_says_how_to_run_it(name: str) -> None:
    assert f"python -m benchmarks.{name}" in TEXTS[name].split('"""')[1]


def test_the_table_lists_all_scripts() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)[ `]", table.rsplit("| --- |", 1)[1], re.MULTILINE)
    assert sorted(set(rows)) == sorted(SCRIPTS)


@pytest.mark.parametrize("name", PARTS)
def test_parts_are_used(name: str) -> None:
    assert any(f"from benchmarks.{name} import" in text for text in TEXTS.values())


def test_commands_in_the_documentation_name_scripts() -> None:
    docs = FOLDER.parent / "docs"
    pages = [p for p in docs.rglob("*.md") if "_build" not in p.parts and p.name != "log.md"]
    pages += [*FOLDER.parent.glob("*.md"), FOLDER / "README.md", FOLDER.parent / "Makefile"]
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"-m benchmarks\.([a-z_]+)", page.read_text(encoding="utf-8"))
    }
    assert named
    assert not [(page, name) for page, name in named if name not in SCRIPTS]
    paths = {
        name
        for page in pages
        for name in re.findall(r"benchmarks/([a-z_]+)\.py", page.read_text(encoding="utf-8"))
    }
    assert paths <= set(TEXTS)


def test_startup_leaves_commands_where_there_is_something() -> None:
    startup = import_module("benchmarks.startup")
    for module, call in (startup.FIRST_TURN, startup.FIRST_PREDICTION):
        assert callable(attrgetter(call)(import_module(module)))


def test_every_section_of_figures_says_what_prints_them() -> None:
    source = r"-m benchmarks\.[a-z_]+|handloom train|benchmarks/[a-z_]+\.py"
    for page in (FOLDER.parent / "docs" / "benchmarks").glob("[!R]*.md"):
        for section in re.split(r"^(?=## )", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            if re.search(r"^\| ---", section, re.MULTILINE):
                title = section.partition("\n")[0]
                assert re.search(source, section), f"{page.name}: {title}"
