"""Samples of text while a language model learns."""

import copy
import math
import time

import torch
from torch import nn

from handloom.engine.loop import Callback, Fit
from handloom.jobs.char_rnn.generate import Sampling, write
from handloom.models.text.stepper import Stepper
from handloom.runs.directory import RunDirectory

LENGTH = 120


class Writing(Callback):
    """Writes samples/epoch-N.txt from fixed prefixes, with a fixed seed.

    Epochs 1, 2, 5, 10, 20, 50 ... and the last are written, and at most one sample a second.
    Uses generators of its own: the training's numbers do not change.
    """

    def __init__(
        self, run: RunDirectory, vocabulary: str, prefixes: list[str], seed: int = 0
    ) -> None:
        self.run, self.vocabulary, self.seed = run, vocabulary, seed
        known = set(vocabulary)
        self.prefixes = ["".join(c for c in p if c in known) or vocabulary[0] for p in prefixes]
        self._next = 0.0

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        epoch = fit.progress.epoch
        first = str(epoch)[0] in "125" and set(str(epoch)[1:]) <= {"0"}
        if epoch == fit.last_epoch or (first and time.monotonic() >= self._next):
            self._next = time.monotonic() + 1
            self._write(fit, epoch)

    def _write(self, fit: Fit, epoch: int) -> None:
        network = copy.deepcopy(fit.experiment.networks["network"]).cpu().eval()
        texts = [f"{prefix}{self._continued(network, prefix)}" for prefix in self.prefixes]
        self.run.write_sample(f"epoch-{epoch}.txt", "\n----\n".join(texts))

    def _continued(self, network: nn.Module, prefix: str) -> str:
        tokens = [self.vocabulary.index(c) for c in prefix]
        generator = torch.Generator().manual_seed(self.seed)
        written = write(Stepper(network), tokens, Sampling(0.7), generator)
        return "".join(self.vocabulary[next(written)] for _ in range(LENGTH))


class GreedySamples(Callback):
    """The tutorial's: 50 characters after each prefix, always the likeliest, with the perplexity,
    before training and every 50 epochs. They go to the terminal and to samples/greedy-N.txt."""

    length, every = 50, 50

    def __init__(self, run: RunDirectory, vocabulary: str, prefixes: list[str]) -> None:
        self.run, self.vocabulary = run, vocabulary
        known = set(vocabulary)
        self.prefixes = ["".join(c for c in p if c in known) or vocabulary[0] for p in prefixes]

    def start(self, fit: Fit) -> None:
        if fit.progress.epoch == 0:
            self._write(fit, "untrained")

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if fit.progress.epoch % self.every == 0:
            perplexity = math.exp(min(record["train/loss"], 50.0))
            self._write(fit, f"epoch {fit.progress.epoch}, perplexity {perplexity:.1f}")

    def _write(self, fit: Fit, title: str) -> None:
        network = copy.deepcopy(fit.experiment.networks["network"]).cpu().eval()
        texts = []
        for prefix in self.prefixes:
            tokens = [self.vocabulary.index(c) for c in prefix]
            written = write(Stepper(network), tokens, Sampling(0.0), torch.Generator())
            texts.append(
                prefix + "".join(self.vocabulary[next(written)] for _ in range(self.length))
            )
        self.run.write_sample(f"greedy-{fit.progress.epoch}.txt", "\n----\n".join(texts))
        fit.progress.notes += [f"{title}: {text}" for text in texts]
