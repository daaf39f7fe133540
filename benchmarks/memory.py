"""What keeping freed memory between steps is worth: milliseconds and page faults of a step.

usage: HANDLOOM_DATA=DATA python -m benchmarks.memory [--job JOB --data DATA [--options JSON]]

Every training runs twice, in processes of their own: as the C library has it, and with
`keep_freed_memory`. Four stretches of 30 steps after a first one; prints the best. Linux.
"""

import json
import resource
import subprocess
import sys
import time
import warnings
from typing import Any

from benchmarks.arguments import parser_of

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("vae", "mnist", {"preset": "tutorial"}),
    ("char-rnn", "pydoc", {}),
    ("classifier", "mnist", {"network": "lenet", "preset": "tutorial"}),
    ("classifier", "mnist", {}),
    ("gan", "mnist", {"network": "dense", "preset": "tutorial"}),
]
STEPS = 30


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--job", help="with --data: this training instead of the usual ones")
    parser.add_argument("--data")
    parser.add_argument("--options", type=json.loads, default={}, help="of the training, in JSON")
    parser.add_argument("--memory", choices=["leave", "keep"], help="run here, in this process")
    given = parser.parse_args()
    if (given.job is None) != (given.data is None):
        parser.error("--job and --data go together")
    cases = CASES if given.job is None else [(given.job, given.data, given.options)]
    if given.memory is not None:
        print(json.dumps(measure(given.memory == "keep", *cases[0])))
        return
    for job, data, options in cases:
        row: dict[str, Any] = {"job": job, "data": data, "options": options}
        for mode in ("leave", "keep"):
            command = [sys.executable, "-m", "benchmarks.memory", "--memory", mode]
            command += ["--job", job, "--data", data, "--options", json.dumps(options)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            row[mode] = json.loads(done.stdout)
        print(json.dumps(row), flush=True)


def measure(keep: bool, job: str, data: str, options: dict[str, Any]) -> dict[str, float]:
    """Train a little: milliseconds and page faults of a step, peak memory of the process."""
    import torch

    from handloom.config import check
    from handloom.engine.loop import Callback, Fit
    from handloom.engine.memory import keep_freed_memory
    from handloom.engine.precision import pick_device
    from handloom.jobs import find_job

    class Timing(Callback):
        def __init__(self) -> None:
            self.marks: list[tuple[float, int]] = []

        def step(self, fit: Fit) -> None:
            if fit.progress.step % STEPS == 0:
                faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
                self.marks.append((time.perf_counter(), faults))
                if len(self.marks) == 5:
                    fit.progress.stop = "enough"

    warnings.simplefilter("ignore")
    if keep:
        keep_freed_memory()
    record = find_job(job)
    config = check(record.config, options)
    loaded = record.load(config, data, lambda *_: None)
    config = record.resolve(config, loaded)
    torch.manual_seed(0)
    experiment = record.build(config, loaded, pick_device()).experiment
    experiment.evaluations, experiment.monitor = {}, None
    timing = Timing()
    Fit(experiment, [timing]).run()
    pairs = list(zip(timing.marks, timing.marks[1:], strict=False))
    return {
        "milliseconds": round(1e3 * min(b[0] - a[0] for a, b in pairs) / STEPS, 2),
        "faults": round((pairs[-1][1][1] - pairs[-1][0][1]) / STEPS),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


if __name__ == "__main__":
    main()
