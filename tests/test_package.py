"""What is built installs from its file alone: the wheel holds the whole package, starts without the
checkout, and says which version it is."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import handloom

ROOT = Path(__file__).parents[1]
COPIED = ("handloom", "tests", "scripts", "docs", "benchmarks")
BUILD = """
import sys
from setuptools import build_meta
out = sys.argv[1]  # which setuptools writes over
build_meta.build_sdist(out)
build_meta.build_wheel(out)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel, made of a copy of the project."""
    copy, out = tmp_path_factory.mktemp("source") / "handloom", tmp_path_factory.mktemp("dist")
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
    subprocess.run([sys.executable, "-c", BUILD, out], cwd=copy, check=True, capture_output=True)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel puts beside the libraries, as an installer unpacks it."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(built[1]) as wheel:
        wheel.extractall(folder)
    return folder


def run(installed: Path, *words: str) -> str:
    """What Python prints without the checkout, with the libraries of this environment.

    -I leaves out the working directory and PYTHONPATH; -S what `.pth` files add, such as an
    editable install of the checkout.
    """
    libraries = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    start = f"import sys; sys.path[:0] = {[str(installed), *libraries]!r}; "
    finished = subprocess.run(
        [sys.executable, "-ISc", start + words[0], *words[1:]],
        cwd=installed, capture_output=True, text=True, encoding="utf-8",
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_wheel_holds_the_whole_package(built: tuple[Path, Path]) -> None:
    package = ROOT / "handloom"
    files = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(built[1]) as wheel:
        names = set(wheel.namelist())
    assert files <= names
    assert "handloom/py.typed" in names
    assert {name.split("/")[0] for name in names - files} == {
        f"handloom-{handloom.__version__}.dist-info"
    }


def test_the_sdist_has_what_is_needed_to_test_it(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "scripts/environment"} <= names
    assert {"tests/conftest.py", "docs/design.md", "handloom/cli/main.py"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_it_runs_without_the_checkout(installed: Path) -> None:
    place = run(installed, "import handloom; print(handloom.__file__)").strip()
    assert Path(place).resolve().is_relative_to(installed.resolve())
    module = "import runpy, sys; sys.argv = ['handloom', '--version']; runpy.run_module('handloom', run_name='__main__')"  # noqa: E501
    assert run(installed, f"\ntry: exec({module!r})\nexcept SystemExit: pass").strip() == (
        handloom.__version__
    )


def test_the_command_is_an_entry_point(installed: Path) -> None:
    shown = run(
        installed,
        "from importlib.metadata import Distribution as D; "
        f"d = D.at({str(next(installed.glob('*.dist-info')))!r}); "
        "(e,) = d.entry_points; print(e.name, e.group); e.load()(['--help'])",
    )
    assert shown.startswith("handloom console_scripts\nhandloom: ")


def test_metadata(installed: Path) -> None:
    """The version is written in two places, which agree; the long description is README.md."""
    (folder,) = installed.glob("*.dist-info")
    metadata = message_from_string((folder / "METADATA").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Version"] == handloom.__version__ == project["version"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(metadata.get_all("Provides-Extra") or ()) == set(project["optional-dependencies"])


def test_the_package_lists_what_it_offers() -> None:
    """Otherwise a notebook completes none of it."""
    assert dir(handloom) == sorted(handloom.__all__)
