"""Evaluate a character language model, and write with it."""

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from handloom.data.text.corpus import Corpus, read_corpus
from handloom.data.text.stream import HeldOut
from handloom.engine.evaluate import evaluate as judge
from handloom.errors import UserError
from handloom.jobs.char_rnn import build as char_rnn
from handloom.jobs.char_rnn.generate import Choice, write
from handloom.jobs.char_rnn.options import SampleOptions
from handloom.jobs.loading import Loaded
from handloom.jobs.results import GeneratedText
from handloom.metrics.copied_text import MOST_COMPRESSED, compressed
from handloom.models.text.char_rnn import blank
from handloom.models.text.stepper import Stepper
from handloom.objectives.language_model import LanguageModel

MOST_JUDGED = 1_000_000  # characters


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """Bits a character, perplexity and loss (nats) of the held-out part, or of another text.

    Returns {"data", "split", "characters", "unknown" (share never seen in training),
    "bits_per_character", "perplexity", "loss", "train": the same of the training text, "xz",
    "bzip2": bits a character those reach for the text judged, told the training text first}.
    """
    text = _own(run)
    if data is None:
        if not text.held_out:
            raise UserError(
                f"the run {run.directory.path} held no text out: name a text to evaluate on"
            )
        judged, split = text.corpus, "held out"
        part = slice(text.train, text.train + text.held_out)
    else:
        shape = run.config["preprocessing"]
        judged, split = read_corpus(data, shape["encoding"], shape["joined"]), "all"
        part = slice(0, MOST_JUDGED)
    before = text.corpus.text(max(0, text.train - 256), text.train) if data is None else ""
    target = _tokens(run, judged, part)
    train = _tokens(run, text.corpus, slice(0, min(text.train, MOST_JUDGED // 10)))
    found = _measured(run, target, before)
    known = text.corpus.text(max(0, text.train - MOST_COMPRESSED), text.train)
    return {
        "data": data or run.config["data"],
        "split": split,
        "characters": len(target),
        "unknown": round((target == len(run.config["vocabulary"])).float().mean().item(), 6),
        **found,
        "train": _measured(run, train, ""),
        **compressed(known, judged.text(part.start, part.stop)),
    }


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    unknown = f", {100 * found['unknown']:.2f} % never seen" if found["unknown"] else ""
    return (
        f"{found['split']}: {found['bits_per_character']:.3f} bits a character, perplexity "
        f"{found['perplexity']:.2f} ({found['characters']:,} characters{unknown}); on training "
        f"text {found['train']['bits_per_character']:.3f} and {found['train']['perplexity']:.2f}; "
        f"xz {found['xz']:.2f} bits, bzip2 {found['bzip2']:.2f}"
    )


def sample(run: Loaded, options: SampleOptions) -> GeneratedText:
    """Texts that go on from `options.prefix`, as they are written.

    Raises UserError, which names them, for characters in the prefix that the run never saw.
    """
    tokens = _prefix(run, options.prefix)  # before the first character is asked for
    return GeneratedText(options.prefix, _characters(run, tokens, options))


def _characters(
    run: Loaded, tokens: list[int], options: SampleOptions
) -> Iterator[tuple[int, str]]:
    choice = Choice(options.temperature, options.top_k, options.top_p)
    network = copy.deepcopy(run.networks["network"]).cpu()  # the run's own stays where it is
    for number in range(options.count):
        generator = torch.Generator().manual_seed(options.seed + number)
        written = write(Stepper(network), tokens, choice, generator)
        for _ in range(options.length):
            yield number, run.config["vocabulary"][next(written)]


def report(run: Loaded) -> str:
    """The page of a run, as HTML."""
    from handloom.jobs.char_rnn.report import report as page

    made: str = page(run, _own(run), run.directory.evaluation() or evaluate(run))
    return made


def _prefix(run: Loaded, prefix: str) -> list[int]:
    """Its tokens; without a prefix a text begins as after a line break."""
    vocabulary = run.config["vocabulary"]
    place = {c: i for i, c in enumerate(vocabulary)}
    unknown = list(dict.fromkeys(c for c in prefix if c not in place))
    if unknown:
        named = ", ".join(f"'{c}'" for c in unknown[:10])
        raise UserError(
            f"the prefix holds {named}, which the run never saw in training: leave "
            f"{'it' if len(unknown) == 1 else 'them'} out"
        )
    start = place.get("\n", run.config["frequent"])
    return [place[c] for c in prefix] or [start]


def _own(run: Loaded) -> char_rnn.Text:
    """The text the run was trained on, cut as it was."""
    text = char_rnn.load(char_rnn.Config(**run.config["options"]), run.data, lambda *_: None)
    if text.corpus.fingerprint != run.config["fingerprint"]:
        raise UserError(
            f"the text at {run.config['data']} is no longer the one the run was trained on: "
            "restore it"
        )
    return text


def _tokens(run: Loaded, corpus: Corpus, part: slice) -> Tensor:
    """A stretch of a corpus in the run's own tokens, the vocabulary's size for unknown ones."""
    place = {c: i for i, c in enumerate(run.config["vocabulary"])}
    lut = torch.tensor([place.get(c, len(place)) for c in corpus.alphabet])
    return lut[corpus.ids[part].long()]


def _measured(run: Loaded, target: Tensor, before: str) -> dict[str, float]:
    vocabulary, network = run.config["vocabulary"], run.networks["network"]
    place = {c: i for i, c in enumerate(vocabulary)}
    warmup = torch.tensor([place[c] for c in before], dtype=torch.int64)
    tokens = torch.where(target == len(vocabulary), run.config["frequent"], target)
    if len(target) < 2:
        raise UserError("the text has fewer than two characters: there is nothing to foretell")
    lanes = max(1, min(32, len(target) // 1000))
    source = HeldOut(tokens, target, warmup, run.device, lanes)
    state = blank(network, lanes)
    objective = LanguageModel(network, state, state.clone(), run.config["escape"])
    found = judge(objective, source, run.precision)
    return {name: round(value, 6) for name, value in found.items()}
