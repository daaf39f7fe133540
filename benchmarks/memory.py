"""What keeping freed memory between steps is worth: milliseconds and page faults of a step.

usage: HANDLOOM_DATA=DATA python benchmarks/memory.py [JOB DATA OPTIONS_IN_JSON]

Every training runs twice, in processes of their own: as the C library has it, and with
`keep_freed_memory`. Four stretches of 30 steps after a first one; the best is told. Linux.
"""

import json
import resource
import subprocess
import sys
import time
import warnings
from typing import Any

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("vae", "mnist", {"preset": "tutorial"}),
    ("char-rnn", "pydoc", {}),
    ("classifier", "mnist", {"network": "lenet", "preset": "tutorial"}),
    ("classifier", "mnist", {}),
    ("gan", "mnist", {"network": "dense", "preset": "tutorial"}),
]
STEPS = 30


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        child(*sys.argv[2:])
        return
    given = [(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))] if sys.argv[1:] else CASES
    for job, data, options in given:
        row: dict[str, Any] = {"job": job, "data": data, "options": options}
        for mode in ("leave", "keep"):
            command = [sys.executable, __file__, "child", mode, job, data, json.dumps(options)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            row[mode] = json.loads(done.stdout)
        print(json.dumps(row), flush=True)


def child(mode: str, job: str, data: str, options: str) -> None:
    """Train a little and print the milliseconds, page faults and peak memory of a step."""
    import torch

    from handloom.config import check
    from handloom.engine.loop import Callback, Fit
    from handloom.engine.memory import keep_freed_memory
    from handloom.engine.precision import pick_device
    from handloom.jobs import find_job

    class MakeCallback(Callback):
        def __init__(self) -> None:
            self.marks: list[tuple[float, int]] = []

        def step(self, fit: Fit) -> None:
            if fit.progress.step % STEPS == 0:
                faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
                self.marks.append((time.perf_counter(), faults))
                if len(self.marks) == 5:
                    fit.progress.stop = "enough"

    warnings.simplefilter("ignore")
    if mode == "keep":
        keep_freed_memory()
    module = find_job(job)
    config = check(module.Config, json.loads(options))
    loaded = module.load(config, data, lambda *_: None)
    config = module.resolve(config, loaded)
    torch.manual_seed(0)
    experiment = module.build(config, loaded, pick_device()).experiment
    experiment.evaluations, experiment.monitor = {}, None
    watch = MakeCallback()
    Fit(experiment, [watch]).run()
    pairs = list(zip(watch.marks, watch.marks[1:], strict=False))
    found = {
        "milliseconds": round(1e3 * min(b[0] - a[0] for a, b in pairs) / STEPS, 2),
        "faults": round((pairs[-1][1][1] - pairs[-1][0][1]) / STEPS),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
