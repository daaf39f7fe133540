"""The commands of docs/*.md that are shown without all of their output, typed in the order of their
page on tiny images: they end well, each on what the one before made, or, where they need weights
that nobody has here, with one sentence.

A page is prepared by what its readers have (photos in folders, captions, a run), and changed only
where it would take long (LASTING) or would need a download (Page.instead). A form, such as
`handloom sample RUN [--count 64]`, is typed without what is in brackets, and once with each of it.
What a page shows in console blocks is run by tests/test_readme.py and tests/test_guide.py.
"""

import csv
import itertools
import re
import shlex
import shutil
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import handloom
from handloom.cli.main import main

DOCS = Path(__file__).parent.parent / "docs"
INDENTED = re.compile(r"^ {4,}(?:\$ )?(handloom .*)$", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```|^( {4}\w+ = handloom\..*?\n)(?! {4})", re.M | re.S)
BRACKETS = re.compile(r" \[([^]]*)\]")
CLASSES = {"dress": "a red dress", "hat": "a photo of a hat", "shoes": "shoes for the evening"}
LASTING = {  # what is added to a training
    "classifier": "--network mlp --epochs 1",
    "clip": "--network resnet --text bag --epochs 1",
    "simclr": "--batch 8 --size 16 --epochs 1",
    "stylize": "--network random --size 32 --iterations 2 --scales 1",
}


@dataclass(frozen=True)
class Page:
    """What readers of a page have beside photos, and what stands in place of what is written."""

    instead: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()  # commands
    refused: tuple[str, ...] = ()  # by one sentence: weights, or words for an encoder of images
    left_out: tuple[str, ...] = ()
    has_python: bool = False  # which runs after the commands


PAGES = {
    "photos.md": Page(
        instead={"--repeats 3 --epochs 3": "--repeats 2 --epochs 1"},
        left_out=("--tune all",),  # needs the weights of an encoder
    ),
    "searching.md": Page(
        instead={
            "clip:ViT-B-32": "runs/clip-pairs-1",
            "torchvision:mobilenet_v2 --weights mobilenet_v2.pth": "pixels:8 --minutes 0.01",
            'min_score="auto"': "min_score=0.1",  # twenty images that differ are too few here
        },
        before=("handloom index clothing --encoder pixels", "handloom train clip pairs.csv"),
        has_python=True,
    ),
    "clip.md": Page(instead={"RUN": "runs/clip-pairs-1"}, has_python=True),
    "simclr.md": Page(
        instead={"digits --epochs 10": "./photos"}, refused=("simclr_imagenet.ckpt",)
    ),
    "stylize.md": Page(),
    "report.md": Page(instead={"RUN": "runs/vae"}),
    "generate.md": Page(instead={
        "RUN 3 7": "runs/gan 3 7", "RUN 1.79,3.36 0.2,-1.5": "runs/plain 1.79,3.36 0.2,-1.5",
        "RUN": "runs/vae", "DATA": "digits", "INPUT...": "a.png new",
        " [c.png ...]": "", " [--class NAME]": "",  # of a run trained with --conditional
    }, has_python=True),
    "embed.md": Page(instead={"DATA...": "photos new", "ENCODER [--weights FILE]": "pixels"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_typed(
    name: str, prepared: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    page, text = PAGES[name], (DOCS / name).read_text(encoding="utf-8")
    prepared(name)
    commands = [*page.before, *INDENTED.findall(text)]
    assert len(commands) > len(page.before)
    for command in commands:
        if any(part in command for part in page.left_out):
            continue
        for words in typed(command, page):
            correct_something(words)
            status, errors = main(words), capsys.readouterr().err
            if any(part in command for part in page.refused):
                assert (status, errors.count("\n")) == (2, 1), command
            else:
                assert status == 0, f"{name}: {command}\n{errors}"
    if page.has_python:
        snippets = [textwrap.dedent("".join(parts)) for parts in PYTHON.findall(text)]
        assert snippets
        for snippet in snippets:
            exec(compile(changed(snippet, page), name, "exec"), {"handloom": handloom})


def typed(command: str, page: Page) -> Iterator[list[str]]:
    """The arguments of a command, of a form several times."""
    command = changed(command, page).partition("  #")[0]
    for more in ("", *BRACKETS.findall(command)):
        words = shlex.split(f"{BRACKETS.sub('', command)} {more}", comments=True)[1:]
        job = words[0] if words[0] == "stylize" else words[1] if words[0] == "train" else ""
        shorter = LASTING.get(job, "")
        if "--epochs" in words:
            shorter = shorter.partition("--epochs")[0]
        yield words + shorter.split()


def changed(text: str, page: Page) -> str:
    for written, instead in page.instead.items():
        text = text.replace(written, instead)
    return text


def correct_something(words: list[str]) -> None:
    """What a reader does between two trainings: fills in the first line of mistakes.csv."""
    for option, value in itertools.pairwise(words):
        if option == "--corrections":
            with open(value, newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            rows[0]["correction"] = "drop"
            with open(value, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


@pytest.fixture
def prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untrained: Callable[..., Path]
) -> Iterator[Callable[[str], None]]:
    """prepared(page): the working directory has what its readers have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANDLOOM_OFFLINE", "1")
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "data"))

    def prepare(name: str) -> None:
        photos(INDENTED.findall((DOCS / name).read_text(encoding="utf-8")))
        if name in ("generate.md", "report.md"):
            shutil.copytree(untrained("vae", network="dense", latent_dim=3), "runs/vae")
            shutil.copytree(untrained("vae", network="dense", latent_dim=2), "runs/plain")
            shutil.copytree(untrained("gan", network="dense"), "runs/gan")

    with mock.patch("torch.cuda.is_available", return_value=False):
        yield prepare


def photos(commands: list[str]) -> None:
    """Images in class folders, twice, and one for every name of an image in the commands; captions,
    texts and queries."""
    rng = np.random.default_rng(0)
    names = [f"{name}/{i}.png" for name in CLASSES for i in range(12)]
    queried = re.findall(r"\bclothing/\S+\.jpg", " ".join(commands))
    paths = [f"{folder}/{name}" for folder in ("photos", "clothing") for name in names]
    paths += [f"{folder}/{i}.png" for folder in ("new", "folder") for i in range(3)] + queried
    paths += re.findall(r"(?<= )\w+\.(?:jpg|png)", " ".join(commands))
    for path in paths:
        channel = max((i for i, name in enumerate(CLASSES) if f"/{name}/" in path), default=0)
        pixels = rng.integers(0, 120, (24, 24, 3), dtype=np.uint8)
        pixels[..., channel] += 130
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    shutil.copy("photos/hat/0.png", "photos/shoes/0.png")  # a copy of another label
    rows = [f"photos/{name},{CLASSES[name.split('/')[0]]}" for name in names]
    for file in ("pairs.csv", "other.csv"):
        Path(file).write_text("\n".join(["image,text", *rows]), encoding="utf-8")
    Path("captions.txt").write_text("\n".join(CLASSES.values()), encoding="utf-8")
    Path("goods.csv").write_text("\n".join(["image,description", *rows]), encoding="utf-8")
    Path("queries.csv").write_text("query,expected\nclothing/hat/3.png,hat\n", encoding="utf-8")
