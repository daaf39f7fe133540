"""Characters a second an LSTM(256) writes on one core, by vocabulary and way of choosing.

usage: python -m benchmarks.writing [--repeats 7] [--cpu-time]
"""

import json
import statistics

import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from benchmarks.turns import clock
from handloom.jobs.char_rnn.generate import Sampling, write
from handloom.models.text.char_rnn import CharRNN
from handloom.models.text.stepper import Stepper

CHOICES = {
    "greedy": Sampling(0.0),
    "temperature": Sampling(0.8),
    "top-k 20, top-p 0.9": Sampling(0.8, 20, 0.9),
}


def speeds(vocabulary: int, choice: Sampling, repeats: int, length: int = 500) -> list[float]:
    """Characters a second of the clock, once for each repeat."""
    network = CharRNN(vocabulary, 256, "lstm", embedding=64).eval()
    written = write(Stepper(network), [0], choice, torch.Generator().manual_seed(0))
    measured = []
    for _ in range(repeats):
        began = clock()
        for _ in range(length):
            next(written)
        measured.append(length / (clock() - began))
    return measured


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--cpu-time", action="store_true", help="processor time, not wall time")
    given = parser.parse_args()
    clock.cpu_time = given.cpu_time
    torch.set_num_threads(1)
    for vocabulary in (100, 1038):
        for name, choice in CHOICES.items():
            measured = speeds(vocabulary, choice, given.repeats)
            record = {
                "name": f"write, {vocabulary} characters, {name}",
                "characters_per_second": round(statistics.median(measured)),
                "least": round(min(measured)),
                "most": round(max(measured)),
                "n": len(measured),
                "clock": clock.name,
                "machine": machine(),
            }
            print(json.dumps(record))


if __name__ == "__main__":
    main()
