"""How long a person waits for one prediction: an exported file against its run, in pairs.

usage: python -m benchmarks.export [--runs 7] [--run RUN --image IMAGE]
Whole fresh processes, one after the other in turn: `handloom predict model.onnx IMAGE`, which
imports no torch, `handloom predict RUN IMAGE`, and the ten lines of ONNX Runtime alone that the
model card shows. Prints one JSON line: n, median seconds of each, and the median, least and
greatest ratio of file to run and of ten lines to run. Without --run, a classifier of the bundled
digits.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.arguments import parser_of
from benchmarks.machine import machine


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--image", type=Path)
    given = parser.parse_args()
    if (given.run is None) != (given.image is None):
        parser.error("--run and --image go together: a run, and an image that it classifies")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, image = given.run, given.image
        if run is None:
            run, image = prepared(folder)
        model = exported(run, folder)
        shutil.copy(image, folder / "image.png")
        predict = [sys.executable, "-m", "handloom", "predict"]
        commands = {
            "onnx": [*predict, str(model), str(image)],
            "run": [*predict, str(run), str(image)],
            "ten_lines": [sys.executable, str(ten_lines(model, folder))],
        }
        print(json.dumps(compared(commands, given.runs, folder)), flush=True)


def prepared(folder: Path) -> tuple[Path, Path]:
    """A classifier of the digits, and an image."""
    import numpy as np
    from PIL import Image

    image = folder / "digit.png"
    Image.fromarray(np.zeros((8, 8), dtype="uint8")).save(image)
    train = ["train", "classifier", "digits", "--epochs", "1", "--out", str(folder / "run")]
    subprocess.run([sys.executable, "-m", "handloom", *train], check=True, capture_output=True)
    return folder / "run", image


def exported(run: Path, folder: Path) -> Path:
    model = folder / "model.onnx"
    command = [sys.executable, "-m", "handloom", "export", str(run), "--out", str(model)]
    subprocess.run(command, check=True, capture_output=True)
    return model


def ten_lines(model: Path, folder: Path) -> Path:
    """The program in the model card, as a file."""
    card = model.with_name("README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    (folder / "ten_lines.py").write_text(program, encoding="utf-8")
    return folder / "ten_lines.py"


def compared(commands: dict[str, list[str]], runs: int, folder: Path) -> dict[str, object]:
    """All commands in turn, the first round not counted."""
    rounds = [
        {
            name: seconds(command, folder if name == "ten_lines" else Path())
            for name, command in commands.items()
        }
        for _ in range(runs + 1)
    ][1:]
    record: dict[str, object] = {"n": runs}
    for name in commands:
        record[f"{name}_seconds"] = round(statistics.median(each[name] for each in rounds), 3)
    for name in ("onnx", "ten_lines"):
        ratios = [each[name] / each["run"] for each in rounds]
        record[f"{name}_of_run"] = round(statistics.median(ratios), 3)
        record[f"{name}_least"] = round(min(ratios), 3)
        record[f"{name}_greatest"] = round(max(ratios), 3)
    return record | {"machine": machine()}


def seconds(command: list[str], folder: Path) -> float:
    """In a folder: the ten lines have their image beside them."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
