"""A character network reads Python's documentation for some seconds, and then writes some."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

OPTIONS: dict[str, Any] = dict(
    characters=160_000, hidden=192, batch=16, steps=48, epochs=9, lr=6e-3, dropout=0.0, seed=0
)
PREFIX = "The "
LENGTH = 320


def demo(folder: Path, console: "Console") -> None:
    """Train into folder/char-rnn and print what it writes."""
    import handloom

    console.print("char-rnn: an LSTM reads 160,000 characters of Python's own documentation")
    run = handloom.train("char-rnn", "pydoc", out=folder / "char-rnn", quiet=True, **OPTIONS)
    assert isinstance(run, handloom.WritingRun)
    last = run.metrics[-1]
    console.print(
        f"after {last['seconds']:.0f} seconds: {last['valid/bits_per_character']:.2f} bits a "
        "character on text it never saw; it writes:",
        highlight=False,
    )
    (text,) = run.sample(PREFIX, length=LENGTH, temperature=0.6)
    console.print(text, style="green", highlight=False, markup=False)
    console.print(f"more: handloom sample {run.path} --length 1000", highlight=False)
