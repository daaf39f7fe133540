"""What a page shows of commands: their output in this process, as in a terminal of 100 columns on a
machine without a card, compared with what stands there: the words, every count, and other numbers
within a tolerance."""

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from handloom.cli.main import main

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
CLASS = re.compile(r"\d \d+( [\d.]+ %){3}")  # a digit, its images, precision, recall and F1
TRAINED = re.compile(r"on training text \S+ and $")  # the perplexity follows
UNEQUAL = re.compile(r"^(classes are unequal: )'[^']+'( has # training texts, )'[^']+'( has #)")
TIME = re.compile(r"(\(\d+ images): [^)]+\)")  # that encoding will take
PRECISION = re.compile(r"in (?:bfloat16|float32)\b")  # whichever the machine multiplies natively


@contextlib.contextmanager
def terminal(folder: Path) -> Iterator[None]:
    """Commands run in the folder, and print as the pages show it."""
    shown = {"COLUMNS": "100", "PYTHONUTF8": "1"}
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, shown),
        mock.patch("torch.cuda.is_available", return_value=False),
    ):
        yield


def output(block: str, folder: Path) -> str:
    """A block with the output that its commands have now."""
    commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    return "\n".join(f"$ {command}\n{run(command, folder)}" for command in commands)


def run(command: str, folder: Path) -> str:
    """What a command prints, whose status is 2 where it refuses, without the folder."""
    words = shlex.split(command)
    assert words[0] == "handloom"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main(words[1:])
    assert status == (2 if printed.getvalue().startswith("handloom: ") else 0), printed.getvalue()
    text = with_slashes(printed.getvalue().replace(f"{folder}{os.sep}", "./"))
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


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
    is_of_gan = before.endswith(("distance ", "diversity ", "nearest training image "))
    if is_of_gan or after.startswith(", Frechet"):
        return 5.0  # of a GAN after a few steps
    if after.startswith((" ±", " points")):
        return 1.5  # of a trial, against the rival
    if (before.endswith("(") and after == " s)") or after.startswith("'"):
        return float("inf")  # seconds of a trial; classes that are digits
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
