"""What README.md shows is what happens.

`python tests/test_readme.py` runs every command of its console blocks and writes their output
into README.md and README.zh.md; the test runs them again and compares, numbers apart.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def test_readme_shows_real_output(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = BLOCK.findall(text)
    assert shown
    for block, fresh in zip(shown, outputs(text, tmp_path), strict=True):
        assert masked(block) == masked(fresh)


def test_the_chinese_readme_shows_the_same() -> None:
    blocks = [BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))
              for name in ("README.md", "README.zh.md")]  # fmt: skip
    assert blocks[0] == blocks[1]


def outputs(text: str, folder: Path) -> list[str]:
    """Every console block with the output its commands have now."""
    found = []
    for block in BLOCK.findall(text):
        lines = []
        for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            lines += [f"$ {command}", run(command, folder)]
        found.append("\n".join(lines))
    return found


def run(command: str, folder: Path) -> str:
    words = command.split()
    assert words[0] == "handloom"
    done = subprocess.run(
        [sys.executable, "-m", "handloom", *words[1:]],
        cwd=folder, text=True, encoding="utf-8", check=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def masked(text: str) -> list[str]:
    """Lines without numbers and spacing; which epochs are printed, and which images are doubtful
    or classes worst, depends on the machine's speed and rounding."""
    lines = [re.sub(r"[\d.,]+", "#", line) for line in text.splitlines()]
    lines = [" ".join(line.split()) for line in lines]
    return [line for line in lines if line and not line.startswith(("epoch", "test/#", "# #"))]


def write() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        fresh = outputs((ROOT / "README.md").read_text(encoding="utf-8"), Path(folder))
    for name in ("README.md", "README.zh.md"):
        path, blocks = ROOT / name, iter(fresh)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            BLOCK.sub(lambda _, blocks=blocks: f"```console\n{next(blocks)}```", text),
            encoding="utf-8",
        )


if __name__ == "__main__":
    write()
