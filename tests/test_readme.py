"""What README.md shows is what happens.

`python -m tests.test_readme` runs every command of its console blocks and writes their output
into README.md and README.zh.md; the test runs them again, in this process, and compares the words,
every count, and the accuracies within a tolerance. `photos` in a command is
$HANDLOOM_DATA/photos/clothing; without it these blocks stay as they are and their test is skipped.

Python's documentation, `pydoc`, is another text in every version of Python, also of a last digit.
Where it is the text that README was written with (WRITTEN_WITH, its fingerprint), its blocks are
compared like all others. Elsewhere they are compared in their form: every line and word, classes by
name, but no number, nor which trial was chosen, nor which class is the smallest.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from handloom.data.text.corpus import read_corpus
from tests.shown import BLOCK, differences, differences_of_form, output, terminal

ROOT = Path(__file__).parent.parent
RUN_FILE = re.compile(r"^\| `([\w.]+(?:\.\w+|/))`", re.MULTILINE)  # of the table of a run's files

WRITTEN_WITH = "9d6cf352244f35fd04970778d177405f"  # the documentation of Python 3.11.7
DATA = Path(os.environ.get("HANDLOOM_DATA", ""))
PHOTOS, WEIGHTS = DATA / "photos/clothing", DATA / "weights/tf_efficientnet_lite0.safetensors"
HAS_PHOTOS = "HANDLOOM_DATA" in os.environ and PHOTOS.is_dir() and WEIGHTS.is_file()


@pytest.mark.slow
def test_readme_shows_real_output(tmp_path: Path) -> None:
    check([block for block in shown() if not shows_photos(block)], tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_PHOTOS, reason="$HANDLOOM_DATA has no photos, or no weights for them")
def test_readme_shows_what_becomes_of_photos(tmp_path: Path) -> None:
    check([block for block in shown() if shows_photos(block)], tmp_path)


def shown() -> list[str]:
    """The console blocks."""
    return BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def shows_photos(block: str) -> bool:
    return "./photos" in block


def check(blocks: list[str], folder: Path) -> None:
    assert blocks
    with terminal(folder):
        for block in blocks:
            compare = differences_of_form if shows_another_pydoc(block) else differences
            different = compare(block, with_photos(block, folder))
            assert not different, "\n".join(["", *different])


def with_photos(block: str, folder: Path) -> str:
    """A block with the output its commands have now; as it is where it needs what is not here."""
    if shows_photos(block):
        if not HAS_PHOTOS:
            return block
        shutil.copytree(PHOTOS, folder / "photos", dirs_exist_ok=True)
    printed = output(block, folder)
    return printed.replace(str(DATA), "$HANDLOOM_DATA") if HAS_PHOTOS else printed


def shows_another_pydoc(block: str) -> bool:
    """Whether a block is about Python's documentation, and README has that of another version."""
    is_about = any("pydoc" in line for line in block.splitlines() if line.startswith("$ "))
    return is_about and fingerprint_of_pydoc() != WRITTEN_WITH


def fingerprint_of_pydoc() -> str:
    """Of the documentation that this Python has."""
    return read_corpus("pydoc").fingerprint


def test_the_chinese_readme_shows_the_same() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8")
                        for name in ("README.md", "README.zh.md"))  # fmt: skip
    assert BLOCK.findall(chinese) == BLOCK.findall(english)
    assert commands(chinese) == commands(english)
    assert RUN_FILE.findall(chinese) == RUN_FILE.findall(english)
    own = {"README.md", "README.zh.md", "docs/guide/start.md", "docs/zh/start.md"}
    assert links(chinese) - own == links(english) - own


def commands(text: str) -> list[str]:
    """What is shown without output, without what it says of it."""
    return re.findall(r"^ {4}((?:handloom|make) .*?)(?: +#.*)?$", text, re.MULTILINE)


def links(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)]+)\)", text))


def test_nothing_is_left_out_where_the_documentation_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = [block for block in shown() if "pydoc" in block.splitlines()[0]]
    assert len(blocks) == 2
    monkeypatch.setitem(globals(), "fingerprint_of_pydoc", lambda: WRITTEN_WITH)
    assert not any(map(shows_another_pydoc, shown()))
    monkeypatch.setitem(globals(), "fingerprint_of_pydoc", lambda: "another")
    assert [block for block in shown() if shows_another_pydoc(block)] == blocks


@pytest.mark.skipif(sys.version_info[:3] != (3, 11, 7), reason="README was written with 3.11.7")
def test_the_documentation_is_what_readme_was_written_with() -> None:
    assert fingerprint_of_pydoc() == WRITTEN_WITH


def write() -> None:
    import tempfile

    if fingerprint_of_pydoc() != WRITTEN_WITH:
        sys.exit("README shows the documentation of another Python: use that, or WRITTEN_WITH")
    with tempfile.TemporaryDirectory() as place, terminal(Path(place)):
        fresh = [with_photos(block, Path(place)) for block in shown()]
    for name in ("README.md", "README.zh.md"):
        path, blocks = ROOT / name, iter(fresh)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            BLOCK.sub(lambda _, blocks=blocks: f"```console\n{next(blocks)}```", text),
            encoding="utf-8",
        )


if __name__ == "__main__":
    write()
