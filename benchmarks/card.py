"""What a GPU gives: samples a second of every job, its steps run one by one and recorded.

usage: HANDLOOM_DATA=DATA python -m benchmarks.card [--epochs 4] [--only classifier ...]
           [--device cuda] [--text FILE]

Each training runs twice, with `--cuda-graph` off and on, at the job's defaults but for the
network named here. A rate is the best epoch's, the first left out: callbacks are included. The
text of char-rnn is FILE, by default a text made of Python's documentation. Prints a JSON line a
training, with the metric the job is judged by, so that it shows that something was learned.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.text.pydoc import pydoc_text
from handloom.errors import UserError

CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "classifier": ("classifier", "mnist", {}),
    "classifier, mlp": ("classifier", "mnist", {"network": "mlp"}),
    "classifier, resnet": ("classifier", "mnist", {"network": "resnet"}),
    "autoencoder": ("autoencoder", "mnist", {}),
    "vae": ("vae", "mnist", {}),
    "gan, dense": ("gan", "mnist", {"network": "dense"}),
    "gan, dcgan": ("gan", "mnist", {"network": "dcgan"}),
    "char-rnn": ("char-rnn", "", {}),
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--text", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = given.text or Path(folder) / "text.txt"
        if given.text is None:
            text.write_text(pydoc_text(), encoding="utf-8")
        for name in given.only:
            job, data, options = CASES[name]
            for recorded in ("off", "on"):
                out = Path(folder) / f"{name}-{recorded}"
                options = options | {"epochs": given.epochs, "device": given.device}
                row = measured(job, data or str(text), out, options | {"cuda_graph": recorded})
                print(json.dumps({"job": name, "recorded": recorded, **row}), flush=True)
    print(json.dumps({"machine": machine()}))


def measured(job: str, data: str, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The best epoch's rate after the first, the seconds of everything, the last metrics."""
    began = time.perf_counter()
    try:
        run = handloom.train(job, data, out=out, quiet=True, **options)
    except UserError as error:
        return {"refused": str(error)}
    rates = [epoch["samples_per_second"] for epoch in run.metrics[1:] or run.metrics]
    last = {key: value for key, value in run.metrics[-1].items() if key.startswith("valid/")}
    return {
        "samples_per_second": round(max(rates)),
        "seconds": round(time.perf_counter() - began, 1),
        **last,
    }


if __name__ == "__main__":
    main()
