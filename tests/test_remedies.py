"""What the package tells people to type exists: a command is one that the command line takes, and
an option is one of the job or the verb that names it."""

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from handloom.cli import parser
from handloom.cli.main import VERBS, main
from handloom.cli.parser import Flag
from handloom.jobs import JOBS, find_job

from .package_code import FILES, PACKAGE, listed, parsed

COMMAND = re.compile(rf"handloom ((?:{'|'.join(VERBS)})\b(?: [^'`\n;:\[]*)?)")
OPTION = re.compile(r"(?<![\w-])--(?:no-)?([a-z][a-z-]*[a-z])(?![\w-])")
OF_ALL = {"help", "version"}
NOT_OURS = {"force-reinstall", "upgrade", "data-binary", "flag", "option"}  # of pip, of curl; any
STYLE = re.compile(r"var\(--|\{--|style=")  # texts of CSS, whose variables begin likewise


class Taken(Exception):  # noqa: N818
    """What was typed has been understood; it has the flags of the verb."""

    def __init__(self, flags: list[Flag]) -> None:
        self.flags = flags


@pytest.fixture
def parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command ends where it has been parsed."""
    parse = parser.parse

    def parsed_alone(flags: list[Flag], *given: Any) -> None:
        if "--help" not in given[0]:
            parse(flags, *given)
        raise Taken(flags)

    monkeypatch.setattr(parser, "parse", parsed_alone)


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of a module with their lines, docstrings apart; what is filled in is {}."""
    apart = set[int]()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Expr):
            apart.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            apart |= {id(part) for part in node.values}
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in apart:
            yield node.lineno, str(node.value)


def commands() -> list[str]:
    """All that are named in a text, once each; what is filled in is {}."""
    named = {
        re.sub(r"\{\w+\}", "{}", found.group(1).strip())
        for path in FILES
        if path != PACKAGE / "cli" / "main.py"  # its help has forms, not commands
        if "handloom " in path.read_text(encoding="utf-8")  # to parse all takes a second
        for _, text in messages(path)
        for found in COMMAND.finditer(text)
    }
    return sorted(named)


@pytest.mark.usefixtures("parsing")
@pytest.mark.parametrize("command", commands())
def test_a_command_is_taken(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """It may leave out what it is about, as in 'handloom train'. What is filled in is a word, or
    options."""
    monkeypatch.chdir(tmp_path)
    typed = command.replace("train JOB", "train classifier").replace("...", "x")
    for filled in product(("3", ""), repeat=typed.count("{}")):
        try:
            assert main(shlex.split(typed.format(*filled))) == 2
        except Taken:
            return
    assert re.search(r" is missing| needs a job first", capsys.readouterr().err)


def labels(flags: list[Flag]) -> set[str]:
    return {flag.label.replace("_", "-") for flag in flags}


def taken(*words: str) -> set[str]:
    """The flags that a verb takes."""
    with pytest.raises(Taken) as stop:
        main([*words, "--help"])
    return labels(stop.value.flags)


def of_verb(job: str, verb: str) -> set[str]:
    """The flags that a verb has for runs of a job alone."""
    options = find_job(job).verbs[verb].options if verb in find_job(job).verbs else None
    return set[str]() if options is None else labels(parser.config_flags(options))


def of_job(job: str, of_all: set[str]) -> set[str]:
    """What may be said about a job: flags of its training and its verbs, and those of all verbs."""
    command = find_job(job).command
    training = taken(command, job) if command == "train" else taken(command)
    return training | of_all | {flag for verb in find_job(job).verbs for flag in of_verb(job, verb)}


@pytest.mark.usefixtures("parsing")
def test_an_option_that_is_named_is_one_of_the_job() -> None:
    """In the folder of a job, of its training or its verbs; elsewhere, of any job or verb."""
    verbs = [verb for verb in VERBS if verb not in ("train", "stylize")]
    shared = {
        flag
        for verb in verbs
        for flag in taken(verb) - {flag for job in JOBS for flag in of_verb(job, verb)}
    }
    known = {job.replace("-", "_"): of_job(job, shared) for job in JOBS}
    everything = set[str]().union(*known.values())
    offenders = []
    for path in FILES:
        parts = path.relative_to(PACKAGE).parts
        options = known.get(parts[1], everything) if parts[0] == "jobs" else everything
        for line, text in messages(path):
            named = set[str]() if STYLE.search(text) else set(OPTION.findall(COMMAND.sub("", text)))
            unknown = named - options - OF_ALL - NOT_OURS
            offenders += [f"{path}:{line} --{name}: {text[:80]}" for name in sorted(unknown)]
    listed(offenders)
