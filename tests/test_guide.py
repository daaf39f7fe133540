"""What the guide shows is what happens.

`python -m tests.test_guide [PAGE...]` runs every command of its console blocks and writes their
output into the pages of docs/guide; the test runs them again, in this process, and compares as
tests/test_readme.py does. The Chinese pages show the same blocks. Fences of ```python are run too,
those of ```{code-block} are not: they show code that no longer runs. What takes minutes is shown in
README.md, whose own test runs it, and is included from there.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from sklearn.datasets import load_digits, load_sample_image

from handloom.cli.main import VERBS, main
from handloom.cli.parser import config_flags
from handloom.jobs import JOBS, find_job
from tests.shown import BLOCK, differences, output, terminal
from tests.test_readme import commands, links

ROOT = Path(__file__).parent.parent
GUIDE, CHINESE = ROOT / "docs" / "guide", ROOT / "docs" / "zh"
SHOWN = sorted(path.name for path in GUIDE.glob("*.md") if BLOCK.search(path.read_text("utf-8")))
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = ("docs", "guide", "zh", "code")  # folders; benchmarks/ names flags of scripts
# Of other programs, and of scripts.
OTHERS = ("--logdir", "--no-deps", "--data-binary", "--option", "--correct", "--check")
INCLUDED = re.compile(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)", re.MULTILINE)


@pytest.mark.parametrize("page", SHOWN)
def test_pages_show_real_output(page: str, tmp_path: Path) -> None:
    text = (GUIDE / page).read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    with prepared(tmp_path):
        for block in blocks:
            fresh = output(block, tmp_path)
            assert not differences(block, fresh), "\n".join(["", *differences(block, fresh)])
        for snippet in PYTHON.findall(text):
            exec(compile(snippet, page, "exec"), {})


def test_snippets_of_pages_without_output(tmp_path: Path) -> None:
    """Of pages that have no console blocks; each page is one program."""
    with prepared(tmp_path):
        for path in sorted((ROOT / "docs" / "code").glob("*.md")):
            names: dict[str, object] = {}
            for snippet in PYTHON.findall(path.read_text(encoding="utf-8")):
                exec(compile(snippet, path.name, "exec"), names)


@pytest.mark.parametrize("page", sorted(path.name for path in CHINESE.glob("*.md")))
def test_the_chinese_pages_show_the_same(page: str) -> None:
    """The same blocks, run or included, in the same order, the same commands and links."""
    english, chinese = ((folder / page).read_text(encoding="utf-8") for folder in (GUIDE, CHINESE))
    assert BLOCK.findall(chinese) == BLOCK.findall(english)
    assert INCLUDED.findall(chinese) == INCLUDED.findall(english)
    assert commands(chinese) == commands(english)
    assert links(chinese) == links(english)


def test_what_is_included_is_there() -> None:
    """Files, and the lines that a part begins and ends with."""
    pages = [path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
    included = [(path, *match) for path in pages
                for match in INCLUDED.findall(path.read_text(encoding="utf-8"))]  # fmt: skip
    assert included
    for page, name, options in included:
        text = (page.parent / name).read_text(encoding="utf-8")
        for marker in re.findall(r"^:(?:start|end)-(?:at|after|before): (.*)$", options, re.M):
            assert marker.strip().strip('"') in text, f"{page}: {marker} is not in {name}"


FENCE = re.compile(r"^(`{3,})\{?\w*.*?^\1 *$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_pages_of_the_site_lose_nothing(page: Path) -> None:
    """MyST takes a line that begins with % for a comment, and -- outside of code for a dash; GitHub
    shows both."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert not re.findall(r"^ {0,3}(?:%|\+\+\+).*", prose, re.MULTILINE)
    prose = re.sub(r"^ {4}.*|`[^`]*`", "", prose, flags=re.MULTILINE)
    assert not re.findall(r".*--[a-z].*", prose)


def test_flags_of_the_guide_exist() -> None:
    """Every --flag that a page names belongs to a verb, and every verb and job is one."""
    flags, texts = {"--help", "--version", *OTHERS}, {}
    for name in JOBS:
        flags |= {item.label for item in config_flags(find_job(name).config)}
    helps = [*([verb] for verb in VERBS if verb not in ("train", "resume")), ["train", "vae"]]
    for words in helps:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            main([*words, "--help"])
        flags |= set(re.findall(r"--[a-z][a-z-]+", printed.getvalue()))
    flags = {flag.replace("_", "-").lstrip("-") for flag in flags}
    flags |= {f"no-{flag}" for flag in flags}
    pages = [path for path in (ROOT / "docs").rglob("*.md")
             if path.parent.name in PAGES and path.name != "log.md"]  # fmt: skip
    for path in [*pages, ROOT / "README.md", ROOT / "README.zh.md"]:
        lines = path.read_text(encoding="utf-8").splitlines()
        texts[path] = "\n".join(
            line for line in lines if not line.startswith("    ") or "handloom" in line
        )  # without commands of other programs
    for path, text in texts.items():
        for flag in re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text):
            assert flag in flags, f"{path}: there is no --{flag}"
        for verb in re.findall(r"(?:^    |`|^\$ )handloom ([a-z][a-z-]*)", text, re.MULTILINE):
            assert verb in VERBS, f"{path}: there is no 'handloom {verb}'"
        for job in re.findall(r"handloom train ([a-z][a-z-]*)", text):
            assert job in JOBS, f"{path}: there is no job '{job}'"


@contextlib.contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """A working directory with photo.jpg, digit.png and a folder of a hundred digits, scans."""
    pixels = load_sample_image("china.jpg")
    Image.fromarray(pixels).resize((160, 106)).save(folder / "photo.jpg", quality=95)
    digits = load_digits()
    images = (digits.images * 255 / 16).astype("uint8")
    Image.fromarray(images[1500]).save(folder / "digit.png")  # a one, of the test split
    for number in range(100):
        place = folder / "scans" / str(digits.target[number]) / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[number]).save(place)
    with terminal(folder):
        yield


def write(pages: list[str]) -> None:
    """Renew the output in the pages, English and Chinese."""
    import tempfile

    for page in pages:
        with tempfile.TemporaryDirectory() as place, prepared(Path(place)):
            blocks = BLOCK.findall((GUIDE / page).read_text(encoding="utf-8"))
            fresh = [output(block, Path(place)) for block in blocks]
        for path in (GUIDE / page, CHINESE / page):
            if path.exists():
                part = iter(fresh)
                text = path.read_text(encoding="utf-8")
                shown = BLOCK.sub(lambda _, part=part: f"```console\n{next(part)}```", text)
                path.write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or SHOWN)
