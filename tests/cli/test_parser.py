"""What is typed wrongly is refused in one sentence, and what is right gets through."""

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.cli.parser import Flag, flag, parse, positional
from handloom.errors import UserError

FLAGS = [
    positional("run", Path, "a run directory"),
    positional("data", str | None, "other data", None),
    flag("count", int, "texts to write", 1),
    flag("top_k", float | None, "the likeliest"),
    flag("mirror", bool | None, "horizontal flips"),
    flag("optimizer", Literal["sgd", "adamw"] | None, "which"),
    flag("from_run", Path | None, "another run", label="from"),
    flag("lr", float | None, "learning rate", synonyms=("rate", "learning-rate")),
    flag("json", bool, "lines", False),
]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], r"^RUN is missing \(a run directory\): 'loom --help' lists what it takes$"),
        (["a", "b", "c"], "^'c' is one word too many"),
        (["a", "--cuont", "1"], r"^there is no flag '--cuont': did you mean --count\?$"),
        (["a", "--from-run", "b"], "did you mean --from"),
        (["a", "--rate", "1"], r"^there is no flag '--rate': did you mean --lr\?$"),
        (["a", "--count-texts", "1"], r"did you mean --count\?$"),
        (["a", "-no film at all"], r"^there is no flag '-no film at all': write -- before a text"),
        (["a", "--zzz"], "^there is no flag '--zzz': 'loom --help'"),
        (["a", "-x"], "^there is no flag '-x'"),
        (["a", "--count"], r"^--count needs a value, a whole number \(texts to write\)$"),
        (["a", "--count", "--lr", "1"], r"^--count needs a value, a whole number"),
        (["a", "--count", "x"], r"^--count x: must be a whole number \(texts to write\)$"),
        (["a", "--top_k=x"], "^--top-k x: must be a number"),
        (["a", "--mirror", "yes"], "^--mirror yes: must be True or False"),
        (["a", "--optimizer", "adam"], "^--optimizer adam: must be sgd or adamw"),
    ],
)
def test_refusals(words: list[str], says: str) -> None:
    with pytest.raises(UserError, match=says):
        parse(FLAGS, words, "loom", "")


def test_what_is_right_gets_through() -> None:
    words = ["--top_k", "-1e3", "a", "--from=b", "--mirror", "True", "c", "--json"]
    typed = parse(FLAGS, words, "loom", "")
    assert (typed["run"], typed["data"], typed["from_run"]) == (Path("a"), "c", Path("b"))
    assert (typed["top_k"], typed["mirror"], typed["json"]) == (-1000.0, True, True)


def test_a_list_takes_many_words_and_needs_one() -> None:
    flags: list[Flag] = [positional("run", Path, "x"), positional("input", list[str], "images")]
    assert parse(flags, ["a", "b", "-", "c"], "loom", "")["input"] == ["b", "-", "c"]
    with pytest.raises(UserError, match=r"^INPUT\.\.\. is missing \(images\)"):
        parse(flags, ["a"], "loom", "")


def test_help_goes_before_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(FLAGS, ["--zzz", "--help"], "loom", "what it does")
    assert stop.value.code == 0
    assert "what it does" in capsys.readouterr().out


def test_help_says_what_the_flag_that_is_shown_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what is on by default, help shows --no-flag."""
    with pytest.raises(SystemExit):
        parse([flag("browser", bool, "open the page", True)], ["--help"], "loom", "about")
    out = capsys.readouterr().out
    assert "--no-browser  do not open the page" in out
    assert "default" not in out
    assert parse([flag("browser", bool, "open", True)], ["--no-browser"], "loom", "") == {
        "browser": False
    }


def test_texts_and_values_that_begin_with_a_dash() -> None:
    flags = [*FLAGS[:1], positional("input", list[str], "texts"), flag("prefix", str, "x", "")]
    typed = parse(flags, ["--prefix", "- a list", "a", "--", "-1 star", "--json", "-"], "loom", "")
    assert typed["prefix"] == "- a list"
    assert typed["input"] == ["-1 star", "--json", "-"]
    for word in ("-bad", "-so bad"):
        with pytest.raises(UserError, match="write -- before a text that begins with -"):
            parse(flags, [word], "loom", "")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_every_text_gets_through_after_two_dashes(words: list[str]) -> None:
    flags = [positional("input", list[str], "texts"), flag("count", int, "of them", 1)]
    assert parse(flags, ["--count", "2", "--", *words], "loom", "")["input"] == words


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (["run"], []),
        (["run", "--data", "a"], ["a"]),
        (["--data", "a", "--data", "-b", "run"], ["a", "-b"]),
        (["--data=a", "run", "--data=b c"], ["a", "b c"]),
    ],
)
def test_a_flag_that_may_be_given_again(words: list[str], places: list[str]) -> None:
    flags = [positional("run", Path, "a run"), flag("data", list[str], "places", [])]
    given = parse(flags, words, "handloom resume", "about")
    assert given == {"run": Path("run"), "data": places}


@pytest.mark.parametrize(
    ("words", "mirror", "json"),
    [
        ([], None, False),
        (["--mirror"], True, False),
        (["--no-mirror", "--json"], False, True),
        (["--mirror", "False", "--no-json"], False, False),
        (["--mirror=True", "--json=False"], True, False),
        (["--json", "--no-json"], None, False),
        (["--no-json", "--json"], None, True),
    ],
)
def test_true_and_false_have_both_forms(words: list[str], mirror: bool | None, json: bool) -> None:
    """What is the default may be written out as well."""
    typed = parse(FLAGS, ["a", *words, "b"], "handloom x", "about")
    assert (typed["mirror"], typed["json"]) == (mirror, json)


@pytest.mark.parametrize("words", [["--no-mirror=True"], ["--json", "yes"], ["--mirror", "off"]])
def test_what_is_neither_true_nor_false(words: list[str]) -> None:
    with pytest.raises(UserError, match="must be True or False"):
        parse(FLAGS, ["a", "b", *words], "handloom x", "about")
