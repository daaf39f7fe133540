"""Evaluate a character language model, and write with it."""

import copy
from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from handloom import waiting
from handloom.data.text.corpus import Corpus, read_corpus
from handloom.data.text.stream import HeldOut
from handloom.engine.evaluate import evaluate as evaluate_objective
from handloom.errors import UserError
from handloom.jobs.char_rnn import build as char_rnn
from handloom.jobs.char_rnn.config import Config
from handloom.jobs.char_rnn.generate import Sampling, write
from handloom.jobs.char_rnn.options import EvaluateOptions, SampleOptions
from handloom.jobs.char_rnn.records import Evaluation, Figures, Record
from handloom.jobs.loading import Loaded
from handloom.jobs.results import GeneratedText, NothingHeldOut
from handloom.jobs.training.places import check_own, is_place_of
from handloom.metrics.copied_text import MOST_COMPRESSED, compressed
from handloom.models.text.char_rnn import blank
from handloom.models.text.stepper import Stepper
from handloom.objectives.language_model import LanguageModel

MOST_EVALUATED = 1_000_000  # characters
CHANGED = (
    "the text has changed since the training, so what was trained on is evaluated too, which "
    "flatters the figures"
)


def evaluate(
    run: Loaded[Record],
    data: str | None = None,
    options: EvaluateOptions = EvaluateOptions(),  # noqa: B008 (frozen)
) -> Evaluation:
    """Bits a character, perplexity and loss (nats) of the held-out part, or of another text.

    Where that is the run's own text, wherever it lies, it is the held-out part of it too, and
    "own_data" is True.

    Returns {"data", "split", "characters", "unknown" (share never seen in training),
    "bits_per_character", "perplexity", "loss", "train": the same of the first 100,000
    characters of the training text, "xz", "bzip2": bits a character those reach for the same text,
    given the training text first}, and "notes" where the text has changed since the training.
    "train", "xz" and "bzip2" are None where another text is evaluated and the training text is no
    longer there; "xz" and "bzip2" also where the text is too short for them.
    """
    if data is not None:
        shape = run.config["preprocessing"]
        corpus = read_corpus(data, options.encoding or "utf-8", shape["joined"])
        if corpus.fingerprint != run.config["fingerprint"]:
            return _evaluate_other(run, data, corpus)
    text = own_text(run, data)
    if not text.held_out:
        raise NothingHeldOut(
            f"the run {run.directory.path} has no held-out text: name a text to evaluate on"
        )
    part = slice(text.train, text.train + text.held_out)
    before = text.corpus.text(max(0, text.train - 256), text.train)
    target = _tokens(run, text.corpus, part)
    evaluation = _evaluation(run, data or run.config["data"], "held out", target, before)
    evaluation |= {} if data is None else {"own_data": True}
    return evaluation | _beside(run, text, text.corpus.text(part.start, part.stop))


def _evaluate_other(run: Loaded[Record], data: str, corpus: Corpus) -> Evaluation:
    part = slice(0, MOST_EVALUATED)
    evaluation = _evaluation(run, data, "all", _tokens(run, corpus, part), "")
    if is_place_of(run.config, data):
        evaluation["notes"] = [CHANGED]
    try:
        text = own_text(run)
    except UserError:  # moved or changed: the other text is evaluated all the same
        return evaluation | {"train": None, "xz": None, "bzip2": None}
    return evaluation | _beside(run, text, corpus.text(part.start, part.stop))


def _evaluation(
    run: Loaded[Record], data: str, split: str, target: Tensor, before: str
) -> Evaluation:
    unknown = (target == len(run.config["vocabulary"])).float().mean().item()
    figures = _measured(run, target, before)
    return {
        "data": data,
        "split": split,
        "characters": len(target),
        "unknown": round(unknown, 6),
        "bits_per_character": figures["bits_per_character"],
        "perplexity": figures["perplexity"],
        "loss": figures["loss"],
    }


def _beside(run: Loaded[Record], text: char_rnn.Text, target: str) -> Evaluation:
    """Metrics of the training text, and of compressors that were given it first."""
    train = _tokens(run, text.corpus, slice(0, min(text.train, MOST_EVALUATED // 10)))
    known = text.corpus.text(max(0, text.train - MOST_COMPRESSED), text.train)
    bits = compressed(known, target)
    xz, bzip2 = (None, None) if bits is None else (bits["xz"], bits["bzip2"])
    return {"train": _measured(run, train, ""), "xz": xz, "bzip2": bzip2}


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, for the terminal."""
    unknown = f", {100 * evaluation['unknown']:.2f} % never seen" if evaluation["unknown"] else ""
    line = (
        f"{evaluation['split']}: {evaluation['bits_per_character']:.3f} bits a character, "
        f"perplexity {evaluation['perplexity']:.2f} "
        f"({evaluation['characters']:,} characters{unknown})"
    )
    if evaluation["train"] is None:
        return [line, "the training text is not there to compare with"]
    others = (
        f"for comparison: on training text {evaluation['train']['bits_per_character']:.3f} and "
        f"{evaluation['train']['perplexity']:.2f}"
    )
    if evaluation["xz"] is not None:
        others += f"; xz needs {evaluation['xz']:.2f} bits, bzip2 {evaluation['bzip2']:.2f}"
    return [line, others]


def sample(run: Loaded[Record], options: SampleOptions) -> GeneratedText:
    """Texts that go on from `options.prefix`, as they are written.

    Raises UserError, which names them, for characters in the prefix that the run never saw.
    """
    tokens = _prefix(run, options.prefix)  # before the first character is asked for
    return GeneratedText(options.prefix, options.count, _characters(run, tokens, options))


def _characters(
    run: Loaded[Record], tokens: list[int], options: SampleOptions
) -> Iterator[tuple[int, str]]:
    choice = Sampling(options.temperature, options.top_k, options.top_p)
    network = copy.deepcopy(run.networks["network"]).cpu()  # the run's own stays where it is
    for number in range(options.count):
        generator = torch.Generator().manual_seed(options.seed + number)
        written = write(Stepper(network), tokens, choice, generator)
        for _ in range(options.length):
            yield number, run.config["vocabulary"][next(written)]


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML."""
    from handloom.jobs.char_rnn.report import report as page

    text = own_text(run)
    evaluation = run.evaluation(Evaluation) or (evaluate(run) if text.held_out else None)
    html: str = page(run, text, evaluation)
    return html


def _prefix(run: Loaded[Record], prefix: str) -> list[int]:
    """Tokens of a prefix; without one, a text begins as after a line break."""
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


def own_text(run: Loaded[Record], place: str | None = None) -> char_rnn.Text:
    """The text of the training, cut as it was; read from `place`, or from where it lies now."""
    place = place or run.data
    text = char_rnn.load(run.options(Config), place, waiting.report)
    check_own(run.directory, run.config, text.corpus.fingerprint, place, None)
    return text


def _tokens(run: Loaded[Record], corpus: Corpus, part: slice) -> Tensor:
    """A stretch of a corpus in the run's own tokens, the vocabulary's size for unknown ones."""
    place = {c: i for i, c in enumerate(run.config["vocabulary"])}
    lut = torch.tensor([place.get(c, len(place)) for c in corpus.alphabet])
    return lut[corpus.ids[part].long()]


def _measured(run: Loaded[Record], target: Tensor, before: str) -> Figures:
    vocabulary, network = run.config["vocabulary"], run.networks["network"]
    place = {c: i for i, c in enumerate(vocabulary)}
    warmup = torch.tensor([place[c] for c in before], dtype=torch.int64)
    tokens = torch.where(target == len(vocabulary), run.config["frequent"], target)
    if len(target) < 2:
        raise UserError("the text has fewer than two characters: give a longer text")
    streams = max(1, min(32, len(target) // 1000))
    source = HeldOut(tokens, target, warmup, run.device, streams)
    state = blank(network, streams)
    objective = LanguageModel(network, state, state.clone(), run.config["escape"])
    metrics = evaluate_objective(objective, source, run.precision)
    figures = {name: round(value, 6) for name, value in metrics.items()}
    return cast("Figures", figures)
