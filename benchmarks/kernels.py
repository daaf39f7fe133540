"""Whole training steps with and without each of our own kernels, in alternating pairs.

usage: python benchmarks/kernels.py [--only NAME ...] [--threads 1 2] [--pairs 15] [--seconds 0.3] [--cpu-time]

A pair is a block of steps with kernels and one without, of the same network, in random order. A
step is what a training does: a batch gathered from memory, forward, backward, optimizer. Prints a
row of a table for every network, number of threads and precision: milliseconds of a step with
and without, and the median of the pairs' ratios with their quartiles. --cpu-time takes the
processor time of the process instead of wall time: for one thread on a machine that others use.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from machine import machine

from handloom.data.loaders import InMemoryLoader
from handloom.engine.memory import keep_freed_memory
from handloom.engine.objective import Batch, Objective, trainable
from handloom.engine.optim import SGD, Adam
from handloom.engine.precision import Precision, channels_last
from handloom.engine.step import TrainStep
from handloom.models import kernels

CPU = torch.device("cpu")
CLOCK = time.perf_counter
Case = Callable[[], tuple[Objective, Iterator[Batch]]]


def images(size: tuple[int, int, int], batch: int) -> Iterator[Batch]:
    """Batches for ever of random images (H, W, C) in ten classes."""
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (40 * batch, *size), dtype=torch.uint8, generator=generator)
    loader = InMemoryLoader({"image": image, "label": torch.arange(40 * batch) % 10}, batch)
    while True:
        yield from loader.batches(0)


def text(vocabulary: int, batch: int, seq_len: int) -> Iterator[Batch]:
    """Random characters, the state carried on."""
    tokens = torch.randint(0, vocabulary, (batch, seq_len))
    first = torch.zeros(batch, dtype=torch.bool)
    while True:
        yield {"tokens": tokens, "target": tokens, "first": first}


def classifier(kind: str, size: tuple[int, int, int], batch: int) -> Case:
    """A classifier as its default training has it, without augmentation."""

    def build() -> tuple[Objective, Iterator[Batch]]:
        from handloom.models.image.cnn import CNN
        from handloom.models.image.lenet import LeNet
        from handloom.models.image.resnet import ResNet
        from handloom.objectives.classification import Classification

        network = {"cnn": CNN, "lenet": LeNet, "resnet": ResNet}[kind](size, 10)
        return Classification(channels_last(network)), images(size, batch)

    return build


def char_rnn(
    cell: str, vocabulary: int, hidden: int, batch: int, seq_len: int, layers: int = 1
) -> Case:
    """A char-rnn of the default sizes for a text of that length."""

    def build() -> tuple[Objective, Iterator[Batch]]:
        from handloom.models.text.char_rnn import CharRNN, ScratchRNN, blank
        from handloom.objectives.language_model import LanguageModel

        embedding = None if cell == "rnn" else 64
        network = (
            ScratchRNN(vocabulary, hidden)
            if cell == "scratch"
            else CharRNN(vocabulary, hidden, cell, layers, embedding)  # type: ignore[arg-type]
        )
        state = blank(network, batch)
        objective = LanguageModel(network, state, state.clone(), 1e-4)
        return objective, text(vocabulary, batch, seq_len)

    return build


def autoencoder(kind: str) -> Case:
    """The tutorial's two autoencoders: no other training uses their kernels."""

    def build() -> tuple[Objective, Iterator[Batch]]:
        from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder
        from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
        from handloom.models.generative.prior import Prior
        from handloom.objectives.autoencoder import Autoencoder

        size = (28, 28, 1)
        networks = (
            (ConvEncoder(size), ConvDecoder(size))
            if kind == "conv"
            else (DenseEncoder(size, 3), DenseDecoder(size, 3))
        )
        latent = 32 if kind == "conv" else 3
        parts = [channels_last(network) for network in networks]
        return Autoencoder(*parts, Prior(latent, "moments")), images(size, 128)

    return build


CASES: dict[str, Case] = {
    "ReLUMaxPool2d, resnet 28x28x1": classifier("resnet", (28, 28, 1), 64),
    "ReLUMaxPool2d, resnet 32x32x3": classifier("resnet", (32, 32, 3), 64),
    "ReLUMaxPool2d, resnet 64x64x3": classifier("resnet", (64, 64, 3), 16),
    "ReLUMaxPool2d, cnn 32x32x3": classifier("cnn", (32, 32, 3), 128),
    "ReLUMaxPool2d, cnn 28x28x1": classifier("cnn", (28, 28, 1), 128),
    "ReLUMaxPool2d, cnn 64x64x3": classifier("cnn", (64, 64, 3), 32),
    "AvgPool2d, lenet 28x28x1": classifier("lenet", (28, 28, 1), 128),
    "AvgPool2d, lenet 32x32x3": classifier("lenet", (32, 32, 3), 128),
    "elman and cross_entropy, rnn 256": char_rnn("rnn", 100, 256, 16, 64),
    "elman and cross_entropy, rnn 384": char_rnn("rnn", 100, 384, 32, 64),
    "elman and cross_entropy, scratch 256": char_rnn("scratch", 100, 256, 16, 64),
    "cross_entropy, lstm 256": char_rnn("lstm", 100, 256, 16, 64),
    "cross_entropy, lstm 384": char_rnn("lstm", 100, 384, 32, 64),
    "cross_entropy, lstm 384, 3000 characters": char_rnn("lstm", 3000, 384, 32, 64),
    "cross_entropy, gru 384, 3000 characters": char_rnn("gru", 3000, 384, 32, 64),
    "row_conv and pool, tutorial's conv autoencoder": autoencoder("conv"),
    "linear_stack, tutorial's dense autoencoder": autoencoder("dense"),
}


class Blocks:
    """Blocks of training steps of one network."""

    def __init__(self, case: Case, precision: Precision, seconds: float) -> None:
        torch.manual_seed(0)
        objective, self.batches = case()
        objective.train()
        (phase,) = objective.phases()
        parameters = trainable(phase.parameters)
        is_text = "tokens" in next(self.batches)
        optimizer = Adam(parameters, 1e-4) if is_text else SGD(parameters, 1e-3, 0.9)
        self.step = TrainStep(phase, optimizer, precision)
        for on in (True, False):
            self._block(on, 5)
        self.count = max(3, round(seconds / self._block(False, 5)))

    def pair(self) -> tuple[float, float]:
        """Seconds a step, with and without."""
        order = [True, False]
        random.shuffle(order)
        taken = {on: self._block(on, self.count) for on in order}
        return taken[True], taken[False]

    def _block(self, on: bool, count: int) -> float:
        kernels.enabled = on
        self.step(next(self.batches))
        began = CLOCK()
        for _ in range(count):
            self.step(next(self.batches))
        return (CLOCK() - began) / count


def row(name: str, threads: int, precision: Precision, pairs: int, seconds: float) -> str:
    """Measured, as a row of the table."""
    torch.set_num_threads(threads)
    blocks = Blocks(CASES[name], precision, seconds)
    taken = [blocks.pair() for _ in range(pairs)]
    ratios = sorted(without / own for own, without in taken)
    low, middle, high = (ratios[len(ratios) * q // 4] for q in (1, 2, 3))
    own, without = (1e3 * statistics.median(column) for column in zip(*taken, strict=True))
    return (
        f"| {name} | {threads} | {precision.name} | {own:.2f} | {without:.2f} | {middle:.2f} "
        f"| {low:.2f}-{high:.2f} | {pairs} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[""], help="names that begin so")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--cpu-time", action="store_true")
    options = parser.parse_args()
    if options.cpu_time:
        global CLOCK
        CLOCK = time.process_time
    keep_freed_memory()
    print(machine())
    print("| kernel, network | threads | precision | with, ms | without, ms | ratio | quartiles | n |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in CASES:
        if not any(name.startswith(prefix) for prefix in options.only):
            continue
        for threads in options.threads:
            for precision in (Precision(CPU, torch.bfloat16), Precision(CPU, None)):
                print(row(name, threads, precision, options.pairs, options.seconds), flush=True)


if __name__ == "__main__":
    main()
