"""The page of a character language model: curves, what is memorised, samples by epoch."""

import math
import re
from pathlib import Path

from markupsafe import Markup

from handloom.jobs.char_rnn.build import Text, unknown_bits
from handloom.jobs.char_rnn.config import Resolved
from handloom.jobs.char_rnn.records import Evaluation, Record
from handloom.jobs.char_rnn.samples import BETWEEN, beginnings, known_parts, written
from handloom.jobs.loading import Loaded
from handloom.jobs.pages import command, longer, page, training_facts, use
from handloom.metrics.copied_text import longest_copy
from handloom.reports.curves import panels
from handloom.reports.page import Facts, Page, Section, table
from handloom.runs.records import Metrics


def report(run: Loaded[Record], text: Text, evaluation: Evaluation | None) -> str:
    """HTML of one run; evaluation is None where no text was held out."""
    config, lines = run.config, run.directory.metrics()
    sections = [
        Section("Samples by epoch", SAMPLES, _samples(run, text), "Samples"),
        *([Section("Learned or memorised?", MEMORY, _figures(evaluation))] if evaluation else []),
        Section("Learning", LEARNING, _learning(lines)),
    ]
    facts: Facts = {
        "cell": f"{config['network']['cell']}, {config['network']['hidden']} wide",
        "characters": f"{text.train:,} learned, {text.held_out:,} held out, "
        f"{len(config['vocabulary']):,} different",
        "parameters": f"{sum(p.numel() for p in run.networks['network'].parameters()):,}",
    }
    made = Page(
        lead=[_trained(run, text), _goodness(evaluation)],
        advice=[*_advice(run, evaluation), use(run)],
        sections=sections,
        facts=facts | training_facts(run),
    )
    return page(run, made)


def _trained(run: Loaded[Record], text: Text) -> str:
    cell = run.config["network"]["cell"]
    what = {"lstm": "An LSTM", "gru": "A GRU"}.get(cell, f"A recurrent network ({cell})")
    return (
        f"{what} learned to write from {text.train:,} characters, "
        f"{len(run.config['vocabulary']):,} of them different."
    )


def _goodness(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "No text was held out, so nothing says how good it is."
    sentence = (
        f"One more character of the {evaluation['characters']:,} held-out ones costs it "
        f"{evaluation['bits_per_character']:.2f} bits: it hesitates between "
        f"{evaluation['perplexity']:.1f} characters on average"
    )
    if evaluation["characters"] < FEW:
        sentence += "; so few characters say little"
    if evaluation.get("xz") is not None:
        sentence += f"; the compressor xz needs {evaluation['xz']:.2f} bits"
    if evaluation.get("optimistic"):
        sentence += "; the figure is optimistic, since the same text chose the epoch"
    return f"{sentence}."


def _advice(run: Loaded[Record], evaluation: Evaluation | None) -> list[str | Markup]:
    learned = None if evaluation is None else evaluation.get("train")
    if evaluation is None or learned is None:
        return list(longer(run))
    gap = _known_bits(run, evaluation) - learned["bits_per_character"]
    if gap > MEMORISED and evaluation["characters"] >= FEW:
        return [
            f"It knows its training text {gap:.2f} bits a character better than new text: more "
            "text, or a higher --dropout, will help more than more epochs."
        ]
    return list(longer(run)) or _below_compressors(run, evaluation)


def _known_bits(run: Loaded[Record], evaluation: Evaluation) -> float:
    """Bits a held-out character that the training text holds too; the others cost the same in
    every network."""
    unknown = evaluation["unknown"]
    if unknown == 1:
        return 0.0
    cost = unknown_bits(len(run.config["vocabulary"]), run.config["escape"])
    return (evaluation["bits_per_character"] - unknown * cost) / (1 - unknown)


def _below_compressors(run: Loaded[Record], evaluation: Evaluation) -> list[str | Markup]:
    """A sentence where xz needs fewer bits than the network."""
    bits, lines = evaluation["bits_per_character"], run.directory.metrics()
    needed = evaluation.get("xz")
    if needed is None or bits <= needed or not lines:
        return []
    resumed = command("resume", str(run.directory.path), "--epochs", str(2 * lines[-1]["epoch"]))
    return [
        Markup(
            "It needs more bits a character than the compressor xz ({:.2f}, not {:.2f}), so it has "
            "learned less than there is to learn. Train longer: {}"
        ).format(bits, needed, resumed)
    ]


FEW = 300  # held-out characters: the mean of fewer is too uncertain for a conclusion
MEMORISED = 0.5  # bits a character by which the training text is known better
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
    "Written from the same beginning with the same seed at temperature 0.7, first by the network "
    "of this run. Below each, the longest stretch after the beginning that stands letter by letter "
    "in the training text."
)


def _learning(lines: list[Metrics]) -> Markup:
    bits = [
        line | {"train/bits": line["train/loss"] / math.log(2)}
        for line in lines
        if "train/loss" in line
    ]
    names = {"train/bits": "training", "valid/bits_per_character": "held out"}
    return panels(bits, [("Bits a character", names)])


def _figures(evaluation: Evaluation) -> Markup:
    train = evaluation["train"]
    assert train is not None  # only where another text was evaluated
    rows = [
        ("the network, held-out text", evaluation["bits_per_character"], evaluation["perplexity"]),
        ("the network, training text", train["bits_per_character"], train["perplexity"]),
    ]
    for name, bits in (("xz", evaluation["xz"]), ("bzip2", evaluation["bzip2"])):
        if bits is not None:
            rows.append((f"{name}, held-out text", bits, 2**bits))
    cells = [[name, f"{bits:.3f}", f"{perplexity:.2f}"] for name, bits, perplexity in rows]
    unknown = Markup("<p>{:.2f} % of the held-out characters never occur in training.</p>").format(
        100 * evaluation["unknown"]
    )
    return table(["what", "bits a character", "perplexity"], cells) + unknown


def _samples(run: Loaded[Record], text: Text) -> Markup:
    """First what the network of the run writes, whichever epoch it is of; then the others."""
    corpus = text.corpus.text(0, min(text.train, 4_000_000))
    options, vocabulary = run.options(Resolved), run.config["vocabulary"]
    prefixes = known_parts(beginnings(options.prefixes, text.corpus.text(0, 12)), vocabulary)
    kept = run.directory.status().get("best_epoch")
    own = written(run.networks["network"], vocabulary, prefixes, seed=options.seed)
    first = _sample("The network of this run", own, corpus, prefixes)
    files = sorted((run.directory.path / "samples").glob("epoch-*.txt"), key=_epoch)
    others = [
        _sample(f"Epoch {_epoch(file)}", file.read_text(encoding="utf-8"), corpus, prefixes)
        for file in files
        if _epoch(file) != kept
    ]
    if not others:
        return first
    return first + Markup("<details><summary>{} during the training</summary>{}</details>").format(
        len(others), Markup("").join(others)
    )


def _sample(title: str, written: str, corpus: str, prefixes: list[str]) -> Markup:
    """What was written; the beginnings, which were given, are no copies of the network's."""
    texts = zip(written.split(BETWEEN), prefixes, strict=False)
    own = [text.removeprefix(prefix) for text, prefix in texts]
    copy = max((longest_copy(text, corpus) for text in own), key=len, default="")
    return Markup(
        '<h3>{}</h3><pre>{}</pre><p class="quiet">copied: {} characters, <q>{}</q></p>'
    ).format(title, written, len(copy), copy)


def _epoch(file: Path) -> int:
    return int(re.sub(r"\D", "", file.stem) or 0)
