"""Train the golden runs and record what they say: `python -m tests.golden.make JOB...`.

A golden run is kept as it is: later versions must open it. A new format gets new runs beside it.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import handloom

HERE = Path(__file__).parent
KEPT = ("config.json", "networks.safetensors", "status.json", "metrics.jsonl", "evaluation.json")
TEXT = "Return a new list of the strings in the file, or None if there is no such file.\n"
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "classifier": ("digits", {"network": "mlp", "epochs": 8}),
    "char-rnn": (
        "pydoc",
        {
            "cell": "gru",
            "hidden": 44,
            "embedding": 12,
            "characters": 100_000,
            "epochs": 8,
            "batch": 8,
            "dropout": 0.0,
        },
    ),
    "text-classifier": (
        "pydoc",
        {"network": "cnn", "words": 300, "embedding": 16, "hidden": 12, "epochs": 15, "lr": 5e-3},
    ),
}


def main() -> None:
    for job in sys.argv[1:] or JOBS:
        data, options = JOBS[job]
        options = options | {"precision": "float32", "device": "cpu"}
        with tempfile.TemporaryDirectory() as folder:
            run = handloom.train(job, data, out=Path(folder) / "run", quiet=True, **options)
            target = HERE / job
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            for name in KEPT:
                shutil.copy(run.path / name, target / name)
        if job == "classifier":
            _digit(target / "digit.png")
        said = json.dumps(record(target), indent=1, ensure_ascii=False)
        (target / "said.json").write_text(said + "\n", encoding="utf-8")


def record(path: Path) -> dict[str, Any]:
    """What a golden run says of fixed inputs."""
    run = handloom.open(path)
    job = run.config["job"]
    if job == "classifier":
        return run.predict(str(path / "digit.png"))[0] | {"input": "digit.png"}
    if job == "text-classifier":
        return run.predict(TEXT.strip())[0]
    assert isinstance(run, handloom.WritingRun)
    (sample,) = run.sample(prefix="Return", length=60, temperature=0.0)
    return {"sample": sample}


def _digit(path: Path) -> None:
    """A seven of eight by eight pixels."""
    from PIL import Image

    rows = (
        "        ",
        "  ####  ",
        "     #  ",
        "    ##  ",
        "   ###  ",
        "    #   ",
        "   ##   ",
        "   #    ",
    )
    image = Image.new("L", (8, 8))
    image.putdata([240 if mark == "#" else 0 for row in rows for mark in row])
    image.save(path)


if __name__ == "__main__":
    main()
