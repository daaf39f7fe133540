"""Character language model: a file of text becomes a recurrent network that writes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.char_rnn.config import Config, Resolved
from handloom.jobs.char_rnn.defaults import (
    SGD,
    SHARE,
    TUTORIAL_COMMON,
    defaults_for,
    tutorial_for,
)
from handloom.jobs.options import fill
from handloom.jobs.training.stage import Built, MakeCallback, single
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.text.corpus import Corpus
    from handloom.engine.optim import Optimizer
    from handloom.jobs.char_rnn.records import NetworkSizes, Record


@dataclass(frozen=True)
class Text:
    """A corpus and where it is cut.

    train, held_out: how many characters, from the beginning, and right after them.
    vocabulary: the characters of the training part, which are the tokens 0, 1, ...
    lut: int64, numbers of the corpus -> tokens, with the vocabulary's size for the unknown.
    frequent: the commonest token, read in place of an unknown one.
    escape: the share of probability kept for characters never seen.
    """

    corpus: Corpus
    train: int
    held_out: int
    vocabulary: str
    lut: Tensor
    frequent: int
    escape: float


MOST_EVALUATED = 1_000_000  # held-out characters read after an epoch
LEAST_CHOOSING = 30  # held-out characters that choose an epoch (docs/benchmarks/char-rnn.md)


def load(config: Config, data: str, report: Any) -> Text:
    """Read the text and cut it."""
    from handloom.data.text.corpus import read_corpus

    if config.tied and config.cell == "scratch":
        raise UserError("--tied needs a cell with an embedding: choose lstm, gru or rnn")
    if config.grad_accum_steps > 1:
        raise UserError(
            f"--grad-accum-steps {config.grad_accum_steps}: text is carried on "
            "from stream to stream and cannot be split into micro-batches; choose a smaller --batch"
        )
    preset: Options = TUTORIAL_COMMON if config.preset else {}
    corpus = read_corpus(
        data, config.encoding, bool(_first(config.joined, preset.get("joined"), False))
    )
    limit = _first(config.characters, preset.get("characters"))
    share = _first(config.held_out, preset.get("held_out"), SHARE)
    return _cut(corpus, limit, share)


def _cut(corpus: Corpus, limit: int | None, share: float) -> Text:
    import torch

    total = len(corpus.ids)
    train = round(total * (1 - share)) if limit is None else min(limit, total)
    held_out = min(total - train, round(train * share / (1 - share)), MOST_EVALUATED)
    held_out = held_out if held_out > 1 else 0  # a single character has nothing before it
    counts = torch.zeros(len(corpus.alphabet), dtype=torch.int64)
    for start in range(0, train, 1 << 22):
        block = corpus.ids[start : min(start + (1 << 22), train)]
        counts += torch.bincount(block.long(), minlength=len(counts))
    known = counts.nonzero()[:, 0]
    if len(known) < 2:
        raise UserError(
            f"the training part of '{corpus.name}' holds only one character, repeated {train:,} "
            "times: give a text with more"
        )
    lut = torch.full((len(counts),), len(known))
    lut[known] = torch.arange(len(known))
    vocabulary = "".join(corpus.alphabet[i] for i in known.tolist())
    escape = (int((counts == 1).sum()) + 1) / (train + 2)  # Good-Turing: singletons / all
    return Text(corpus, train, held_out, vocabulary, lut, int(counts[known].argmax()), escape)


def resolve(config: Config, data: Text) -> Resolved:
    """Choose what was left open, for the cell and the length of the text."""
    chosen = (
        tutorial_for(config.cell, config.optimizer)
        if config.preset
        else defaults_for(data.train, config.batch, config.seq_len)
    )
    if not config.preset and config.optimizer == "sgd":
        chosen["lr"] = SGD[config.cell]
    if not config.preset and config.cell == "scratch":
        chosen |= dict(layers=1, dropout=0.0)
    hidden = config.hidden or chosen["hidden"]
    if config.tied:
        chosen["embedding"] = hidden
    elif config.cell in ("lstm", "gru"):
        chosen.setdefault("embedding", 64)
    resolved = fill(Resolved, config, chosen)
    if resolved.cell == "scratch" and (resolved.layers, resolved.dropout) != (1, 0.0):
        raise UserError("the scratch cell is one plain layer: leave --layers and --dropout out")
    if resolved.tied and resolved.embedding != hidden:
        raise UserError(
            f"--tied with --embedding {resolved.embedding} and --hidden {hidden}: one table needs "
            "one width; leave --embedding out"
        )
    return resolved


def build(config: Resolved, data: Text, device: torch.device) -> Built:
    """Network, objective, windows of text, optimizer."""
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision
    from handloom.engine.schedule import make, scheduled_lr
    from handloom.models.text.char_rnn import blank
    from handloom.objectives.language_model import LanguageModel

    record = _record(config, data)
    network = networks(record)["network"].to(device)
    windows, held_out = _windows(config, data, device), held_out_of(data, device)
    objective = LanguageModel(
        network, blank(network, windows.streams), blank(network, held_out.streams), data.escape
    ).to(device)
    optimizer = _optimizer(config, network)
    schedule = make(config.schedule, until=0.1)
    experiment = Experiment(
        objective=objective,
        train=windows,
        optimizers={"network": optimizer},
        epochs=config.epochs,
        networks={"network": network},
        precision=Precision.resolve(device, config.precision),
        evaluations={"valid": held_out} if data.held_out else {},
        evaluate_every=25 if config.preset else 1,
        monitor="valid/loss" if data.held_out >= LEAST_CHOOSING and not config.preset else None,
        lower_is_better=True,
        scheduled=scheduled_lr(optimizer, schedule),
        clip=config.clip,
        cuda_graph=is_recorded(config.cuda_graph, device),
    )
    return Built(single(experiment, _writing(config, data)), record, _notes(data))


def networks(record: Record) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    from handloom.models.text.char_rnn import CharRNN, ScratchRNN

    arguments: dict[str, Any] = dict(record["network"])
    if arguments["cell"] == "scratch":
        arguments.pop("cell")
        return {"network": ScratchRNN(**arguments)}
    return {"network": CharRNN(**arguments)}


def _record(config: Resolved, data: Text) -> Record:
    sizes: NetworkSizes = {
        "cell": config.cell,
        "vocabulary": len(data.vocabulary),
        "hidden": config.hidden,
        "relu": config.nonlinearity == "relu",
    }
    if config.cell != "scratch":
        sizes |= {
            "layers": config.layers,
            "embedding": config.embedding,
            "dropout": config.dropout,
            "tied": config.tied,
        }
    return {
        "network": sizes,
        "vocabulary": data.vocabulary,
        "frequent": data.frequent,
        "escape": data.escape,
        "preprocessing": {"encoding": config.encoding, "joined": config.joined},
        "fingerprint": data.corpus.fingerprint,
        "characters": {"train": data.train, "held out": data.held_out},
    }


def _windows(config: Resolved, data: Text, device: torch.device) -> Any:
    from handloom.data.text.stream import Windows

    windows = Windows(
        data.corpus.ids[: data.train],
        data.lut,
        config.batch,
        config.seq_len,
        device,
        consecutive=config.sampling == "consecutive",
        moving=config.preset is None,
        seed=config.seed,
    )
    if windows.steps < 1:
        # A short text is read in fewer streams, rather than not at all.
        seq_len = min(config.seq_len, max(1, data.train // 4))
        windows = replace(windows, streams=max(1, data.train // (3 * seq_len)), seq_len=seq_len)
    if windows.steps < 1 or data.train < 8:
        raise UserError(
            f"'{data.corpus.name}' has {data.train} characters to learn from, less than one batch: "
            "give a longer text"
        )
    return windows


def held_out_of(data: Text, device: torch.device) -> Any:
    """The held-out part of a text, as it is read after an epoch."""
    import torch

    from handloom.data.text.stream import HeldOut

    start = max(0, data.train - 256)
    target = data.lut[data.corpus.ids[start : data.train + data.held_out].long()]
    tokens = torch.where(target == len(data.vocabulary), data.frequent, target)
    before, tokens = tokens[: data.train - start], tokens[data.train - start :]
    target = target[data.train - start :]
    streams = 32 if data.held_out > 32_000 else 8
    return HeldOut(tokens, target, before, device, streams)


def _optimizer(config: Resolved, network: nn.Module) -> Optimizer:
    from handloom.engine.optim import SGD, Adam

    parameters = list(network.parameters())
    if config.optimizer == "sgd":
        return SGD(parameters, config.lr, weight_decay=config.weight_decay)
    return Adam(parameters, config.lr, weight_decay=config.weight_decay, decoupled=True)


def unknown_bits(vocabulary: int, escape: float) -> float:
    """Bits that a character costs which the training text, of `vocabulary` different ones, does
    not hold."""
    from handloom.objectives.language_model import CODE_POINTS

    return math.log2((CODE_POINTS - vocabulary) / escape)


def _notes(data: Text) -> list[str]:
    if not data.held_out:
        return ["no text is held out: the figures say how well the text is memorised"]
    notes = []
    if data.held_out < LEAST_CHOOSING:
        notes.append(
            f"{data.held_out:,} held-out characters are too few to choose an epoch by: the last is "
            "kept; --held-out 0 learns from the whole text"
        )
    part = data.lut[data.corpus.ids[data.train : data.train + data.held_out].long()]
    unknown, size = int((part == len(data.vocabulary)).sum()), len(data.vocabulary)
    if unknown:
        notes.append(
            f"{unknown:,} of {data.held_out:,} held-out characters never occur in the training "
            f"part; each costs {unknown_bits(size, data.escape):.1f} bits"
        )
    return notes


def _writing(config: Resolved, data: Text) -> list[MakeCallback]:
    from handloom.jobs.char_rnn.samples import GreedySamples, Writing, beginnings

    prefixes = beginnings(config.prefixes, data.corpus.text(0, 12))
    callbacks: list[MakeCallback] = [
        lambda directory: Writing(directory, data.vocabulary, prefixes, config.seed)
    ]
    if config.preset:
        callbacks.append(lambda directory: GreedySamples(directory, data.vocabulary, prefixes))
    return callbacks


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
