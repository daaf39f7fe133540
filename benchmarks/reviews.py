"""The default text classifier beside the plain rival, TF-IDF with logistic regression.

usage: HANDLOOM_DATA=DATA python -m benchmarks.reviews [--only reviews:300 stdlib ...]
       [--seeds 0 1 2 3 4] [--network auto] [--vectors FILE] [--sets FOLDER] [--out LINES.jsonl]
       python -m benchmarks.reviews --resume [--seeds 0 1 2]

A case is a set of text_sets.py, with a number of texts where it is not all. Every seed draws
its own texts and its own test part (`TEST`); a tenth of the others validates. Both learn from the
same training texts and are judged on the same test texts. Prints a JSON line a run, then a row of
accuracies, of their paired difference with the standard error over the seeds, the number of seeds,
and the default's calibration error in percent before and after its temperature.

--resume: instead, the accuracy of a run of a finished epoch that `resume --epochs 4` went on with,
beside four epochs at once, on the stdlib set and reviews.
"""

import csv
import json
import platform
import statistics
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import handloom
from benchmarks.arguments import parser_of
from benchmarks.text_sets import Drawn, draw

CASES = ("reviews:100", "reviews:300", "reviews:2400", "reviews", "pydoc", "stdlib", "packages")
TEST = {"reviews": 2_000, "pydoc": 400, "stdlib": 1_200, "packages": 10_000}
EPOCHS = 4


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--only", nargs="*", default=list(CASES))
    parser.add_argument("--seeds", nargs="*", type=int, default=list(range(5)))
    parser.add_argument("--network", default="auto")
    parser.add_argument("--vectors")
    parser.add_argument("--weights")
    parser.add_argument("--sets", type=Path, help="a folder that keeps the sets that were drawn")
    parser.add_argument("--out", type=Path, help="also append the lines to a file")
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    options = {k: v for k in ("vectors", "weights") if (v := vars(given)[k]) is not None}
    options["network"] = given.network
    cases = ["stdlib", "reviews"] if given.resume else given.only
    measure = resumed if given.resume else paired
    lines = []
    for case in cases:
        for seed in given.seeds:
            with tempfile.TemporaryDirectory() as folder:
                table = write(case, seed, Path(folder), given.sets)
                line = {"case": case, "seed": seed} | measure(table, seed, options)
            line["machine"] = f"{platform.machine()}, {platform.system()}"
            lines.append(line)
            print(json.dumps(line), flush=True)
            if given.out is not None:
                with given.out.open("a") as file:
                    file.write(json.dumps(line) + "\n")
        print(row(case, [line for line in lines if line["case"] == case]), flush=True)


def write(case: str, seed: int, folder: Path, sets: Path | None) -> Path:
    """A table text,target,split of a case as a seed draws it."""
    name, _, count = case.partition(":")
    text, target = kept(name, sets)
    order = list(range(len(text)))
    Random(seed).shuffle(order)
    test, rest = order[: TEST[name]], order[TEST[name] :]
    rest = rest[: int(count)] if count else rest
    held = len(rest) // 10
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "target", "split"])
        for split, rows in (("test", test), ("valid", rest[:held]), ("train", rest[held:])):
            writer.writerows((text[i], target[i], split) for i in rows)
    return path


def kept(name: str, sets: Path | None) -> Drawn:
    """A drawn set, from the folder that keeps them where it is there."""
    path = None if sets is None else sets / f"{name}.json"
    if path is not None and path.exists():
        return Drawn(*json.loads(path.read_text(encoding="utf-8")))
    drawn = draw(name)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(drawn), encoding="utf-8")
    return drawn


def paired(table: Path, seed: int, options: dict[str, Any]) -> dict[str, Any]:
    """Accuracies in percent of both on the same texts, and what was chosen."""
    began = time.perf_counter()
    run = handloom.train("text-classifier", str(table), out=table.parent / "run", quiet=True,
                         seed=seed, **options)  # fmt: skip
    seconds = time.perf_counter() - began
    found = run.evaluation or run.evaluate()
    began = time.perf_counter()
    plain = rival(table)
    return {
        "texts": run.config["texts"],
        "classes": len(run.config["classes"]),
        "handloom": 100 * found["accuracy"],
        "rival": plain,
        "difference": round(100 * found["accuracy"] - plain, 4),
        "calibration": 100 * found["calibration"],
        "uncalibrated": 100 * found.get("calibration_before_temperature", found["calibration"]),
        "temperature": found.get("temperature"),
        "temperature_source": found.get("temperature_source"),
        "choice": run.config.get("choice", {}).get("reason"),
        "seconds": round(seconds, 1),
        "rival_seconds": round(time.perf_counter() - began, 1),
    }


def rival(table: Path) -> float:
    """Ten plain lines on the same splits: TF-IDF of words and pairs, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {
        split: ([r["text"] for r in rows if r["split"] == split],
                [r["target"] for r in rows if r["split"] == split])
        for split in ("train", "test")
    }  # fmt: skip
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(vectorizer, LogisticRegression(C=4, max_iter=200))
    model.fit(*parts["train"])
    return 100 * float(model.score(*parts["test"]))


def resumed(table: Path, seed: int, options: dict[str, Any]) -> dict[str, Any]:
    """Accuracies in percent of a finished epoch, of that resumed to `EPOCHS`, of those at once."""
    chosen: dict[str, Any] = dict(options, network="lstm", tfidf=False, bayes=False, seed=seed)
    first = table.parent / "first"
    short = handloom.train(
        "text-classifier", str(table), out=first, quiet=True, epochs=1, **chosen
    ).evaluate()
    longer = handloom.resume(first, epochs=EPOCHS, quiet=True).evaluate()
    at_once = handloom.train("text-classifier", str(table), out=table.parent / "once", quiet=True,
                             epochs=EPOCHS, **chosen).evaluate()  # fmt: skip
    return {
        "one_epoch": 100 * short["accuracy"],
        "handloom": 100 * longer["accuracy"],
        "rival": 100 * at_once["accuracy"],
        "difference": round(100 * (longer["accuracy"] - at_once["accuracy"]), 4),
    }


def row(case: str, lines: list[dict[str, Any]]) -> str:
    """One of the table: means, and the paired difference with its standard error."""
    gains = [line["difference"] for line in lines]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else 0.0
    means = [statistics.mean(line[who] for line in lines) for who in ("handloom", "rival")]
    calibration = [
        f" {statistics.mean(line[name] for line in lines):.1f} |"
        for name in ("uncalibrated", "calibration")
        if name in lines[0]
    ]
    return (
        f"| {case} | {means[0]:.1f} | {means[1]:.1f} | {statistics.mean(gains):+.2f} ± {error:.2f} "
        f"| {len(lines)} |{''.join(calibration)}"
    )


if __name__ == "__main__":
    main()
