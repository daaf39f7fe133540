"""What a char-rnn learns from a short text: bits a character on text that neither teaches it nor
chooses its epoch.

usage: OMP_NUM_THREADS=1 HANDLOOM_DATA=DATA python -m benchmarks.short_texts
           [--characters 300 1000 ...] [--texts lines ...] [--seeds 0 1 2] [--set name=value ...]

DATA holds text/timemachine.txt and text/jaychou_lyrics.txt. A user's text is a stretch of a source,
at another place for every seed; as in any training, its last tenth is held out. The 3,000
characters that follow it in the source judge. `--set` changes defaults, as in `--set batch=4
steps=500`; steps are turned into epochs. Prints a JSON line a training, with bits a character of
the judging text: of the network that is kept; after the last epoch; of the epoch that the held-out
tenth chooses among up to 40 that are looked at, and of the best of them; of xz; and of characters
counted after the five before them (Witten and Bell 1991). Seconds are the processor's.
"""

import json
import math
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.arguments import data_folder, parser_of
from benchmarks.machine import machine
from handloom.data.text.pydoc import pydoc_text
from handloom.engine.loop import Callback, Fit, fit
from handloom.jobs.char_rnn.build import Text, build, held_out_of, load, resolve
from handloom.jobs.char_rnn.config import Config
from handloom.metrics.copied_text import compressed

JUDGING = 3_000
SIZES = [300, 1_000, 3_000, 10_000, 30_000, 100_000]
BITS = "bits_per_character"


def source(name: str) -> str:
    """The whole of a text that stretches are taken from."""
    if name == "lines":  # the same few words in every line, and numbers that change
        return "".join(
            f"{n:05} boat{'s' if n % 3 else ''} on the river, {n % 7} under sail\n"
            for n in range(4_000)
        )
    if name == "pydoc":
        return pydoc_text()
    file = {"book": "timemachine.txt", "lyrics": "jaychou_lyrics.txt"}[name]
    return (data_folder() / "text" / file).read_text(encoding="utf-8")


class Looks(Callback):
    """(bits of the held-out tenth, bits of the judging text), every time they are evaluated."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if f"judge/{BITS}" in record:
            self.seen.append((record[f"valid/{BITS}"], record[f"judge/{BITS}"]))


def trained(stretch: str, characters: int, given: dict[str, Any], seed: int) -> dict[str, Any]:
    """Figures of one training on the first `characters` of a stretch; the rest judges."""
    steps, device = given.pop("steps", None), torch.device("cpu")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "text.txt"
        file.write_text(stretch, encoding="utf-8")
        config = Config(seed=seed, characters=round(0.9 * characters), **given)
        data = load(config, str(file), None)
    torch.manual_seed(seed)
    experiment = build(resolve(config, data), data, device).stages[0].build(None)
    judge = replace(data, train=data.train + data.held_out, held_out=JUDGING)
    experiment.evaluations["judge"] = held_out_of(judge, device)
    if steps is not None:
        experiment.epochs = max(1, round(steps / experiment.train.steps))
    experiment.evaluate_every = max(1, experiment.epochs // 40)
    looks, began = Looks(), time.process_time()
    fit(experiment, [looks])
    last, chosen = looks.seen[-1][1], min(looks.seen)[1]
    return {
        "epochs": experiment.epochs,
        "steps": experiment.epochs * experiment.train.steps,
        "characters a step": experiment.train.batch_size,
        "kept": round(chosen if experiment.monitor else last, 3),
        "last": round(last, 3),
        "chosen": round(chosen, 3),
        "best": round(min(bits for _, bits in looks.seen), 3),
        "seconds": round(time.process_time() - began, 1),
        "counted": round(counted_bits(judge), 3),
    }


def counted_bits(data: Text, order: int = 5) -> float:
    """Bits that a held-out character costs by counts of the text before, interpolated over contexts
    of 0 to `order` characters by Witten and Bell's method C; unknown ones as in a training."""
    tokens = data.lut[data.corpus.ids.long()].tolist()
    size, counts = len(data.vocabulary), defaultdict[tuple[int, ...], Counter[int]](Counter)
    known = [place for place in range(data.train) if tokens[place] < size]
    for place in known:
        for length in range(min(order, place) + 1):
            counts[tuple(tokens[place - length : place])][tokens[place]] += 1
    total = 0.0
    for place in range(data.train, data.train + data.held_out):
        chance = (1 - data.escape) / size
        for length in range(order + 1):
            seen = counts.get(tuple(tokens[place - length : place]))
            if seen is not None and tokens[place] < size:
                chance = (seen[tokens[place]] + len(seen) * chance) / (seen.total() + len(seen))
        unknown = data.escape / (0x110000 - size)
        total -= math.log2(chance if tokens[place] < size else unknown)
    return total / data.held_out


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--characters", nargs="+", type=int, default=SIZES)
    parser.add_argument("--texts", nargs="+", default=["lines", "book", "pydoc", "lyrics"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--set", nargs="+", default=[], metavar="name=value")
    options = parser.parse_args()
    given = {name: json.loads(value) for name, value in (s.split("=") for s in options.set)}
    for name in options.texts:
        whole = source(name)
        for characters in options.characters:
            for seed in options.seeds:
                begin = (len(whole) - characters - JUDGING) * seed // 3
                stretch = whole[begin : begin + characters + JUDGING]
                row = trained(stretch, characters, dict(given), seed)
                bits = compressed(stretch[:characters], stretch[characters:])
                row["xz"] = None if bits is None else bits["xz"]
                place = {"text": name, "characters": characters, "seed": seed}
                print(json.dumps(place | row), flush=True)
    print(json.dumps({"machine": machine()} | given))


if __name__ == "__main__":
    main()
