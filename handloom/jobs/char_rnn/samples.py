"""Samples of text while a language model learns."""

import copy
import time

import torch
from torch import nn

from handloom.engine.loop import Callback, Fit
from handloom.jobs.char_rnn.generate import Choice, write
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
        written = write(Stepper(network), tokens, Choice(0.7), generator)
        return "".join(self.vocabulary[next(written)] for _ in range(LENGTH))
