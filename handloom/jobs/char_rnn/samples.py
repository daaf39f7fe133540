"""Samples of text while a language model learns."""

import copy
import math

import torch
from torch import nn

from handloom.engine.loop import Callback, Fit
from handloom.jobs.char_rnn.generate import Sampling, write
from handloom.jobs.generation.samples import ends_after, is_round
from handloom.models.text.stepper import Stepper
from handloom.runs.directory import RunDirectory

LENGTH = 120
BETWEEN = "\n----\n"  # samples of one file


class Writing(Callback):
    """Writes samples/epoch-N.txt from fixed prefixes, with a fixed seed.

    Epochs 1, 2, 5, 10, 20, 50 ... and the last are written.
    Uses generators of its own: the training's numbers do not change.
    """

    def __init__(
        self, run: RunDirectory, vocabulary: str, prefixes: list[str], seed: int = 0
    ) -> None:
        self.run, self.vocabulary, self.seed = run, vocabulary, seed
        self.prefixes = known_parts(prefixes, vocabulary)
        self._written = 0

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if is_round(fit.progress.epoch):
            self._write(fit)

    def finish(self, fit: Fit) -> None:
        if ends_after(fit, self._written):
            self._write(fit)

    def _write(self, fit: Fit) -> None:
        self._written = fit.progress.epoch
        network = fit.experiment.networks["network"]
        text = written(network, self.vocabulary, self.prefixes, seed=self.seed)
        self.run.write_sample(f"epoch-{self._written}.txt", text)


class GreedySamples(Callback):
    """The tutorial's: 50 characters after each prefix, always the likeliest, with the perplexity,
    before training and every 50 epochs. They go to the terminal and to samples/greedy-N.txt."""

    length, every = 50, 50

    def __init__(self, run: RunDirectory, vocabulary: str, prefixes: list[str]) -> None:
        self.run, self.vocabulary = run, vocabulary
        self.prefixes = known_parts(prefixes, vocabulary)

    def start(self, fit: Fit) -> None:
        if fit.progress.epoch == 0:
            self._write(fit, "untrained")

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if fit.progress.epoch % self.every == 0:
            perplexity = math.exp(min(record["train/loss"], 50.0))
            self._write(fit, f"epoch {fit.progress.epoch}, perplexity {perplexity:.1f}")

    def _write(self, fit: Fit, title: str) -> None:
        network = fit.experiment.networks["network"]
        text = written(network, self.vocabulary, self.prefixes, Sampling(0.0), self.length)
        self.run.write_sample(f"greedy-{fit.progress.epoch}.txt", text)
        fit.progress.notes += [f"{title}: {part}" for part in text.split(BETWEEN)]


def beginnings(given: str | None, first: str) -> list[str]:
    """The prefixes that samples begin with: those of --prefixes, or the first words of the text."""
    return given.split("|") if given else [first]


def known_parts(prefixes: list[str], vocabulary: str) -> list[str]:
    """Prefixes without the characters that a network does not know, one character at least."""
    known = set(vocabulary)
    return ["".join(c for c in p if c in known) or vocabulary[0] for p in prefixes]


def written(
    network: nn.Module,
    vocabulary: str,
    prefixes: list[str],
    choice: Sampling = Sampling(0.7),  # noqa: B008 (frozen)
    length: int = LENGTH,
    seed: int = 0,
) -> str:
    """What a network writes now, `length` characters after each prefix, with BETWEEN between them;
    it is not changed."""
    network = copy.deepcopy(network).cpu().eval()
    texts = []
    for prefix in prefixes:
        tokens = [vocabulary.index(c) for c in prefix]
        generator = torch.Generator().manual_seed(seed)
        characters = write(Stepper(network), tokens, choice, generator)
        texts.append(prefix + "".join(vocabulary[next(characters)] for _ in range(length)))
    return BETWEEN.join(texts)
