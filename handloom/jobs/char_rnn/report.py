"""The page of a character language model: curves, what is memorised, samples by epoch."""

import math
import re
from pathlib import Path
from typing import Any

from markupsafe import Markup

from handloom.jobs.char_rnn.build import Text
from handloom.jobs.loading import Loaded
from handloom.metrics.copied_text import longest_copy
from handloom.reports.curves import curves
from handloom.reports.page import Section, page, table
from handloom.wording import first_and_more


def report(run: Loaded, text: Text, evaluation: dict[str, Any] | None) -> str:
    """HTML of one run; evaluation is None where no text was held out."""
    config, lines = run.config, run.directory.metrics()
    facts = {
        "text": first_and_more([Path(part).name for part in config["data"].split("\n")]),
        "cell": f"{config['network']['cell']}, {config['network']['hidden']} wide",
        "characters": f"{text.train:,} learned, {text.held_out:,} held out, "
        f"{len(config['vocabulary']):,} different",
        "parameters": f"{sum(p.numel() for p in run.networks['network'].parameters()):,}",
        "held out": "nothing" if evaluation is None else
        f"{evaluation['bits_per_character']:.3f} bits a character, "
        f"perplexity {evaluation['perplexity']:.2f}",
        "training": f"{lines[-1]['seconds'] / 60:.1f} minutes, {len(lines)} epochs, seed "
        f"{config['options']['seed']}" if lines else "",
    }  # fmt: skip
    sections = [
        Section("Learning", LEARNING, _learning(lines)),
        *([Section("Learned or memorised?", MEMORY, _figures(evaluation))] if evaluation else []),
        Section("Samples by epoch", SAMPLES, _samples(run.directory.path, text)),
    ]
    return page(f"char-rnn on {Path(config['data']).name}", facts, sections)


LEARNING = (
    "Bits a character: how many yes-or-no questions one more character costs on average. The "
    "training curve is the mean over an epoch while the network changed; the other one is of text "
    "it never saw."
)
MEMORY = (
    "A network that has memorised its text is far better on it than on text held out. The "
    "compressors were given the training text first, and are counted on the held-out text alone. "
    "A character never seen in training costs the share of probability kept for it, spread evenly "
    "over Unicode."
)
SAMPLES = (
    "Written from the same beginning with the same seed at temperature 0.7. Below each, the "
    "longest stretch of it that stands letter by letter in the training text."
)


def _learning(lines: list[dict[str, Any]]) -> Markup:
    bits = [
        line | {"train/bits": line["train/loss"] / math.log(2)}
        for line in lines
        if "train/loss" in line
    ]
    names = {"train/bits": "training", "valid/bits_per_character": "held out"}
    return curves(bits, names, "bits a character")


def _figures(evaluation: dict[str, Any]) -> Markup:
    rows = [
        ["the network, held-out text", evaluation["bits_per_character"],
         f"{evaluation['perplexity']:.2f}"],
        ["the network, training text", evaluation["train"]["bits_per_character"],
         f"{evaluation['train']['perplexity']:.2f}"],
        ["xz, held-out text", evaluation["xz"], f"{2 ** evaluation['xz']:.2f}"],
        ["bzip2, held-out text", evaluation["bzip2"], f"{2 ** evaluation['bzip2']:.2f}"],
    ]  # fmt: skip
    cells = [[name, f"{bits:.3f}", perplexity] for name, bits, perplexity in rows]
    unknown = Markup("<p>{:.2f} % of the held-out characters never occur in training.</p>").format(
        100 * evaluation["unknown"]
    )
    return table(["what", "bits a character", "perplexity"], cells) + unknown


def _samples(path: Path, text: Text) -> Markup:
    corpus = text.corpus.text(0, min(text.train, 4_000_000))
    files = sorted((path / "samples").glob("epoch-*.txt"), key=_epoch)
    blocks = []
    for file in files:
        written = file.read_text(encoding="utf-8")
        copy = longest_copy(written, corpus)
        blocks.append(
            Markup("<h3>Epoch {}</h3><pre>{}</pre><p>copied: {} characters, <mark>{}</mark></p>")
            .format(_epoch(file), written, len(copy), copy)
        )  # fmt: skip
    return Markup("").join(blocks) or Markup("<p>None were written.</p>")


def _epoch(file: Path) -> int:
    return int(re.sub(r"\D", "", file.stem) or 0)
