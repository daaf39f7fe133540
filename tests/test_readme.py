"""What README.md shows is what happens.

`python tests/test_readme.py` runs every command of its console blocks and writes their output
into README.md and README.zh.md; the test runs them again and compares the words, every count, and
the accuracies within a tolerance. `photos` in a command is $HANDLOOM_DATA/photos/clothing; without
it these blocks stay as they are and their test is skipped.

Python's documentation, `pydoc`, is another text in every version of Python, also of a last digit.
Where it is the text that README was written with (WRITTEN_WITH, its fingerprint), its blocks are
compared like all others. Elsewhere they are compared in their form: every line and word, classes by
name, but no number, nor which trial was chosen, nor which class is the smallest.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handloom.data.text.corpus import read_corpus

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
RUN_FILE = re.compile(r"^\| `([\w.]+(?:\.\w+|/))`", re.MULTILINE)  # of the table of a run's files
CLASS = re.compile(r"\d \d+( [\d.]+ %){3}")  # a digit, its images, precision, recall and F1
TRAINED = re.compile(r"on training text \S+ and $")  # the perplexity follows
UNEQUAL = re.compile(r"^(classes are unequal: )'[^']+'( has # training texts, )'[^']+'( has #)")
TIME = re.compile(r"(\(\d+ images): [^)]+\)")  # that encoding will take
PRECISION = re.compile(r"in (?:bfloat16|float32)\b")  # whichever the machine multiplies natively

SHOWN = {  # as README shows it: on a machine without a card
    "COLUMNS": "100",
    "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
    "PYTHONUTF8": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
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
    for block, fresh in zip(blocks, outputs(blocks, folder), strict=True):
        compare = differences_of_form if shows_another_pydoc(block) else differences
        assert not compare(block, fresh), "\n".join(["", *compare(block, fresh)])


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


def outputs(blocks: list[str], folder: Path) -> list[str]:
    """Console blocks with the output their commands have now."""
    return [output(block, folder) for block in blocks]


def output(block: str, folder: Path) -> str:
    if shows_photos(block):
        if not HAS_PHOTOS:
            return block
        shutil.copytree(PHOTOS, folder / "photos", dirs_exist_ok=True)
    lines = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        lines += [f"$ {command}", run(command, folder)]
    return "\n".join(lines)


def run(command: str, folder: Path) -> str:
    words = command.split()
    assert words[0] == "handloom"
    finished = subprocess.run(
        [sys.executable, "-m", "handloom", *words[1:]],
        cwd=folder, text=True, encoding="utf-8", check=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | SHOWN,
    )  # fmt: skip
    printed = with_slashes(finished.stdout.replace(f"{folder}{os.sep}", "./"))
    if HAS_PHOTOS:
        printed = printed.replace(str(DATA), "$HANDLOOM_DATA")
    return "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"


def with_slashes(printed: str) -> str:
    """As other systems print paths."""
    return printed.replace("\\", "/") if os.sep == "\\" else printed


def comparable(text: str) -> list[str]:
    """Lines with single spaces, without those that differ from machine to machine: which epochs
    are printed depends on its speed, which is kept and which images are doubtful on its
    rounding. What belongs to an evaluation, indented below it, goes on its line."""
    lines = [" ".join(line.split()) for line in re.sub(r"\n  (?=\S)", ", ", text).splitlines()]
    lines = [PRECISION.sub("in PRECISION", line) for line in lines]
    lines = [TIME.sub(r"\1: TIME)", line) for line in lines]
    kept = [line for line in lines if line and not line.startswith(("epoch", "test/", "kept:"))]
    # The worst class comes first: in the order of their names instead.
    classes = iter(sorted(line for line in kept if CLASS.fullmatch(line)))
    return [next(classes) if CLASS.fullmatch(line) else line for line in kept]


def tolerance(before: str, after: str) -> float:
    """By how much a number may differ, from the words around it; 0 for most: counts and sizes."""
    if not before and after.endswith(".png"):
        return 0.005  # cosine of a search
    if after.startswith((" GB", " s, ")):
        return float("inf")  # memory that is free, seconds
    if re.search(r"(values|numbers) from (-?[\d.]+ to )?$", before) or after.startswith(" white"):
        return 0.1  # of a filtered photo, whose decoder may round otherwise
    if before.endswith((", content ", ", style ", " and -")):
        return 0.1
    if after.startswith(" s)") or before.endswith("strength "):
        return float("inf")  # seconds; how strongly a head is regularised, which near ties decide
    if (
        before.endswith(("% right", "nearest neighbour on the same features "))
        or re.match(r" % (right in cross-validation|in cross-validation)", after)
        or before.startswith("valid: accuracy")
    ):
        return 4.0  # three of 80 photos
    if CLASS.fullmatch(f"{before}1{after}"):
        return 12.0 if after.startswith(" %") else 0.0  # four of 36 images
    if after.startswith(" % before temperature"):
        return 3.0  # 9.4 to 12.3 of digits, ten seeds in bfloat16 and ten in float32
    if after.startswith(" %") or before.endswith("interval "):
        return 1.5  # accuracy, calibration error: five of 359 images
    if after.startswith((" ±", " points")):
        return 1.5  # of a trial, against the rival
    if (before.endswith("(") and after == " s)") or after.startswith("'"):
        return float("inf")  # seconds of a trial; classes that are digits
    if before.endswith(("distance ", "diversity ", "nearest training image ")):
        return 5.0  # of a GAN after a few steps
    if after.startswith((" of 10 classes are hardly", " squared error")):
        return 1.0
    if re.match(r" of [\d,]+ right", after):
        return 5.0
    if before.endswith("% ") and not after:
        return float("inf")  # minutes, the last column of `handloom runs`
    if after.startswith(" bits per dimension"):
        return 0.05
    if after.startswith(" nats") or before.endswith(("reconstruction ", "kl ")):
        return 1.0  # nats
    if before.endswith("loss ") or after.startswith(" bits a character"):
        return 0.1
    if before.endswith("on training text "):
        return 0.1
    return 1.0 if before.endswith("perplexity ") or TRAINED.search(before) else 0.0


def differences(shown: str, fresh: str) -> list[str]:
    """Pairs of lines that differ in words, or in a number by more than its tolerance."""
    old, new = comparable(shown), comparable(fresh)
    if len(old) != len(new):
        return [f"{len(old)} lines are {len(new)} now:", *new]
    return [f"- {a}\n+ {b}" for a, b in zip(old, new, strict=True) if not is_close(a, b)]


def differences_of_form(shown: str, fresh: str) -> list[str]:
    """Pairs of lines that differ in words, without what depends on the text."""
    return differences(*("\n".join(map(form, comparable(text))) for text in (shown, fresh)))


def form(line: str) -> str:
    """A line without what depends on the text: numbers, with their signs, and choices."""
    line = NUMBER.sub("#", line).replace("+#", "#")
    line = re.sub(r"^(chosen after # trials: ).*", r"\1TRIAL", line)
    return UNEQUAL.sub(r"\1CLASS\2CLASS\3", line)


def is_close(old: str, new: str) -> bool:
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    return all(
        abs(value(a) - value(b)) <= tolerance(old[: a.start()], old[a.end() :])
        for a, b in zip(NUMBER.finditer(old), NUMBER.finditer(new), strict=True)
    )


def value(number: re.Match[str]) -> float:
    return float(number.group().replace(",", ""))


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 98.33 %, loss 0.0612", True),
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 97.50 %, loss 0.0112", False),
        ("test: accuracy 99.72 %, loss 0.0112", "test: accuracy 99.72 %, loss 0.2", False),
        ("error 0.6 % (11.1 % before temperature)", "error 0.9 % (9.4 % before temperature)", True),
        (
            "error 0.6 % (11.1 % before temperature)",
            "error 2.4 % (9.4 % before temperature)",
            False,
        ),
        ("358 of 359 right (99.72 %)", "355 of 359 right (98.89 %)", True),
        ("358 of 359 right (99.72 %)", "358 of 360 right (99.72 %)", False),
        ("mlp digits finished 40/40 98.61 % 0.01", "mlp digits finished 40/40 98.1 % 7.5", True),
        ("mlp digits finished 40/40 98.61 % 0.01", "mlp digits finished 39/40 98.61 % 0.01", False),
        ("test: -15.18 nats an image (kl 6.05)", "test: -14.5 nats an image (kl 6.6)", True),
        ("test: -15.18 nats an image (kl 6.05)", "test: -12.9 nats an image (kl 6.05)", False),
        ("network 70,426", "network 70,427", False),
        ("linear: accuracy 70.94 % (9 s)", "linear: accuracy 70.94 % (2 s)", True),
        ("trial 1 of 4: +4.7 ± 0.8 points", "trial 1 of 4: +4.1 ± 0.9 points", True),
        ("trial 1 of 4: +4.7 ± 0.8 points", "trial 2 of 4: +4.7 ± 0.8 points", False),
        ("3.567 bits a character, perplexity 11.85", "3.6 bits a character, perplexity 12", True),
        ("3.567 bits a character, perplexity 11.85", "3.7 bits a character, perplexity 12", False),
        ("on training text 3.437 and 10.83; xz 1.92", "on training text 3.4 and 10; xz 1.92", True),
        ("hardly generated: '0', '1'", "hardly generated: '2', '3'", True),
        ("9 36 97.2 % 100.0 % 98.6 %", "9 36 91.7 % 97.2 % 94.4 %", True),
        ("on cpu in bfloat16, into runs/x", "on cpu in float32, into runs/x", True),
    ],
)
def test_numbers_are_compared_within_their_tolerance(old: str, new: str, close: bool) -> None:
    assert (differences(old, new) == []) is close


TRIALS = """$ handloom train text-classifier pydoc
956 texts; 2 classes: 'built-in types' 183, 'debugger' 62
trial 1 of 2: linear: accuracy 70.94 % in cross-validation, +4.7 ± 0.8 points (9 s)
chosen after 2 trials: linear (C 16), 75.65 % in cross-validation, +4.7 ± 0.8 points
classes are unequal: 'data model' has 214 training texts, 'debugger' has 20; --class-weights
"""


def test_another_documentation_is_compared_in_its_form() -> None:
    """Another version's text has other numbers, and the same words."""
    other = TRIALS.replace("183", "90").replace("+4.7", "-2.2").replace("linear (C 16)", "linear")
    other = other.replace("'debugger' has 20", "'data model' has 7").replace("70.94", "50")
    assert differences(TRIALS, other)
    assert differences_of_form(TRIALS, other) == []
    for was, now in (("'debugger' 62", "'tracer' 62"), ("accuracy", "loss"), ("texts;", "lines;")):
        assert differences_of_form(TRIALS, other.replace(was, now)), now
    assert differences_of_form(TRIALS, other + "one line more\n")


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
    with tempfile.TemporaryDirectory() as folder:
        fresh = outputs(shown(), Path(folder))
    for name in ("README.md", "README.zh.md"):
        path, blocks = ROOT / name, iter(fresh)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            BLOCK.sub(lambda _, blocks=blocks: f"```console\n{next(blocks)}```", text),
            encoding="utf-8",
        )


if __name__ == "__main__":
    write()
