"""Runs of earlier versions open in a fresh process and say what they said when they were made.

A painting stopped by an earlier version is taken up and painted to its end.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.errors import UserError
from tests.golden import on_encoder

GOLDEN = Path(__file__).parent / "golden"
JOBS = sorted(path.parent.name for path in GOLDEN.glob("*/said.json"))
REFUSED = {
    "filter": "fixed plan",
    "stylize": "fixed plan",
    "classifier-on-encoder": "is solved, not trained epoch by epoch",
}
UNFINISHED = ("stylize", "classifier-on-encoder")  # stopped; without its encoder's weights
SAY = (  # on a CPU, where it was said first
    "import json, sys, torch; from pathlib import Path; from tests.golden.make import record; "
    "torch.cuda.is_available = lambda: False; "
    "print(json.dumps({path: record(Path(path)) for path in sys.argv[1:]}))"
)


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """All runs in one process, which starts from nothing."""
    paths = [str(GOLDEN / job) for job in JOBS]
    root = GOLDEN.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", SAY, *paths], cwd=root, capture_output=True, text=True, check=True
    )
    return {Path(path).name: found for path, found in json.loads(done.stdout).items()}


@pytest.mark.parametrize("job", JOBS)
def test_an_old_run_says_what_it_said(said: dict[str, Any], job: str) -> None:
    wanted = json.loads((GOLDEN / job / "said.json").read_text(encoding="utf-8"))
    found = said[job]
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        if name == "colours":  # of a painting gone on with: rounding adds up over its steps
            assert found[name] == pytest.approx(value, abs=0.02)
        elif isinstance(value, float | dict):
            # A pixel that is rounded the other way changes the mean of its row by 0.0005.
            allowed = 2e-3 if name == "rows" else 1e-4
            assert found[name] == pytest.approx(value, abs=allowed), name
        else:
            assert found[name] == value, name


@pytest.mark.parametrize("job", [job for job in JOBS if job not in UNFINISHED])
def test_the_page_of_an_old_run_is_made(job: str, tmp_path: Path) -> None:
    """Also where its evaluation recorded less than the page says now, and where there is none."""
    run = shutil.copytree(GOLDEN / job, tmp_path / job)
    for evaluation in (run / "evaluation.json", run / "absent.json"):
        try:
            page = handloom.open(run).report()
        except UserError as error:  # Python's documentation is another text in every version
            assert job in ("char-rnn", "text-classifier")
            pytest.skip(str(error))
        assert "</html>" in page.read_text(encoding="utf-8")
        evaluation.unlink(missing_ok=True)


@pytest.mark.usefixtures("quick_evaluator")
@pytest.mark.parametrize("job", JOBS)
def test_an_old_run_is_trained_on(job: str, tmp_path: Path) -> None:
    """By one epoch more, from its seed, since a golden run has no checkpoint; of a copy whose plan
    is one epoch. Those that have no epochs say so."""
    run = shutil.copytree(GOLDEN / job, tmp_path / job)
    text = (run / "config.json").read_text(encoding="utf-8").replace("HERE", tmp_path.as_posix())
    config = json.loads(text)
    if job in REFUSED:
        (run / "config.json").write_text(text, encoding="utf-8")
        if job == "classifier-on-encoder":
            on_encoder.inputs(tmp_path)
        with pytest.raises(UserError, match=REFUSED[job]):
            handloom.resume(run, epochs=100, quiet=True)
        return
    config["options"]["epochs"] = config["stages"][0]["epochs"] = config["epochs"] = 1
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    try:
        resumed = handloom.resume(run, epochs=2, quiet=True)
    except UserError as error:
        if job not in ("char-rnn", "text-classifier") or "are not those" not in str(error):
            raise
        pytest.skip(str(error))
    assert resumed.finished
    assert [line["epoch"] for line in resumed.metrics] == [1, 2]


def test_a_run_with_options_that_this_version_does_not_have_is_opened_and_not_trained_on(
    tmp_path: Path,
) -> None:
    run = shutil.copytree(GOLDEN / "classifier", tmp_path / "run")
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["options"] |= {"cuda_graph": False, "sharpness": 3}
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    said = json.loads((run / "said.json").read_text(encoding="utf-8"))
    assert handloom.open(run).predict(str(run / "digit.png"))[0]["label"] == said["label"]
    assert handloom.open(run).evaluate()["accuracy"] > 0.8
    with pytest.raises(UserError, match=r"another version.*no option 'sharpness'; cuda_graph=F"):
        handloom.resume(run, epochs=9, quiet=True)


def test_golden_runs_are_small() -> None:
    assert JOBS
    for job in JOBS:
        sizes = {path.name: path.stat().st_size for path in (GOLDEN / job).rglob("*.*")}
        assert sizes.get("networks.safetensors", 0) < 60_000
        assert sum(sizes.values()) < 100_000
