"""The tutorials' character models, trained to the end: what they know by heart, and no more.

usage: OMP_NUM_THREADS=1 HANDLOOM_DATA=DATA python -m benchmarks.lyrics [--only NAME ...]

DATA holds text/jaychou_lyrics.txt. Each run is `--preset tutorial` (250 epochs of the first 10,000
characters), seed 0, with the next 10,000 held out. Prints a JSON line a run: training perplexity,
bits per character on the held-out text, and the processor's minutes of the whole process.
"""

import json
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import handloom
from benchmarks.arguments import data_folder, parser_of
from benchmarks.machine import machine

RUNS: dict[str, dict[str, Any]] = {
    "scratch, random": {"cell": "scratch", "sampling": "random"},
    "scratch, consecutive": {"cell": "scratch", "sampling": "consecutive"},
    "rnn, random": {"cell": "rnn", "sampling": "random"},
    "rnn, consecutive": {"cell": "rnn", "sampling": "consecutive"},
    "gru, consecutive": {"cell": "gru", "sampling": "consecutive"},
    "lstm, consecutive": {"cell": "lstm", "sampling": "consecutive"},
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--only", nargs="*", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--epochs", type=int, default=250)
    options = parser.parse_args()
    for name in options.only:
        print(
            json.dumps({"run": name} | trained(RUNS[name] | {"epochs": options.epochs})), flush=True
        )


def trained(options: dict[str, Any]) -> dict[str, Any]:
    """Figures of one run."""
    lyrics = str(data_folder() / "text" / "jaychou_lyrics.txt")
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = handloom.train("char-rnn", lyrics, out=Path(folder) / "run", quiet=True, seed=0,
                             preset="tutorial", held_out=0.5, **options)  # fmt: skip
        minutes = (time.process_time() - began) / 60
        evaluation, last = run.evaluation or {}, run.metrics[-1]
        return {
            "training_perplexity": round(math.exp(last["train/loss"]), 3),
            "held_out_bits_per_character": round(evaluation["bits_per_character"], 1),
            "held_out_xz": round(evaluation["xz"], 2),
            "epochs": last["epoch"],
            "cpu_minutes": round(minutes, 2),
            "precision": run.config["environment"]["precision"],
            "machine": machine(),
        }


if __name__ == "__main__":
    main()
