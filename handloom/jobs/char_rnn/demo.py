"""A character network reads Python's documentation for some seconds, and then writes some."""

from pathlib import Path
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.reports.panels import Panel
    from handloom.runs.records import Metrics

OPTIONS: Options = dict(
    characters=160_000, hidden=192, batch=16, seq_len=48, epochs=9, lr=6e-3, dropout=0.0
)
PREFIX = "The "
LENGTH = 320


def demo(folder: Path, display: "Display") -> "Panel":
    """Train into folder/char-rnn and print what it writes."""
    from handloom.jobs.char_rnn.run import LanguageModelRun
    from handloom.jobs.demonstration import demonstrated

    display.message("an LSTM reads 160,000 characters of Python's own documentation")
    path = demonstrated("char-rnn", "pydoc", OPTIONS, display, folder / "char-rnn")
    run = LanguageModelRun(path)
    last = run.metrics[-1]
    display.message(
        f"after {last['seconds']:.0f} seconds: {last['valid/bits_per_character']:.2f} bits a "
        "character on text it never saw; it writes:",
    )
    (text,) = run.sample(PREFIX, length=LENGTH, temperature=0.6)
    display.message(text, "green")
    display.message(f"more: handloom sample {run.path} --length 1000")
    return _panel(last, text)


def _panel(last: "Metrics", text: str) -> "Panel":
    from markupsafe import Markup

    from handloom.jobs.demonstration import typed
    from handloom.reports.panels import Panel

    body = Markup("<blockquote><b>{}</b>{}</blockquote>").format(
        PREFIX, f"{text.removeprefix(PREFIX).rpartition(' ')[0]} …"
    )
    return Panel(
        "Write",
        f"{last['valid/bits_per_character']:.2f} bits",
        "a character, on text it never saw",
        f"An LSTM read {OPTIONS['characters']:,} characters of Python's documentation, letter by "
        "letter, and goes on from the word in red.",
        typed("train char-rnn pydoc", OPTIONS),
        body,
    )
