"""The edge: types, ranges, unknown names; flags and help made from one Config."""

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.cli.parser import config_flags, parse
from handloom.config import check
from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.jobs.classifier.config import Config
from handloom.jobs.generation.verb_options import SampleOptions


def test_defaults_and_conversion_without_loss() -> None:
    assert check(Config, {}) == Config()
    assert check(Config, {"epochs": 3.0}).epochs == 3
    assert check(Config, {"lr": 1}).lr == 1.0
    assert check(Config, {"corrections": Path("run", "mistakes.csv")}).corrections == str(
        Path("run", "mistakes.csv")
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 2.5}, r"^--epochs 2\.5: must be a whole number, 1 or more \(passes over"),
        ({"epochs": 0}, r"^--epochs 0: must be 1 or more \(passes over the training data\)$"),
        ({"clip": 0}, r"^--clip 0: must be above 0 \("),
        ({"class_weights": "x"}, r"^--class-weights x: must be none or balanced \("),
        ({"optimizer": "x"}, r"^--optimizer x: must be sgd or adamw \("),
        ({"label_smoothing": 1.5}, r"^--label-smoothing 1\.5: must be 0 to 0\.9 \("),
        ({"strict": "maybe"}, r"^--strict maybe: must be True or False \("),
        ({"weight_decay": "x"}, r"^--weight-decay x: must be a number, 0 or more \("),
        ({"seed": 10**14}, r"^--seed 100000000000000: must be 0 to 4294967295 \("),
        ({"minutes": float("inf")}, r"^--minutes inf: must be a number, 0\.01 or more \("),
        ({"lr": float("nan")}, r"^--lr nan: must be"),
        ({"learning_rate": 0.1}, "did you mean 'lr'"),
        ({"netwrok": "mlp"}, "did you mean 'network'"),
    ],
)
def test_refusals(values: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check(Config, values)


def test_a_refusal_names_the_flag_that_is_typed() -> None:
    with pytest.raises(UserError, match=r"^--class 3: must be text"):
        check(SampleOptions, {"label": 3})


@given(st.integers(-10, 10))
def test_ranges_include_their_ends(seed: int) -> None:
    if seed >= 0:
        assert check(Config, {"seed": seed}).seed == seed
    else:
        with pytest.raises(UserError):
            check(Config, {"seed": seed})


@pytest.mark.parametrize("job", list(JOBS))
def test_every_option_has_help_and_a_flag(job: str) -> None:
    config = find_job(job).config
    for field in dataclasses.fields(config):
        assert field.metadata["help"], field.name
    typed = parse(config_flags(config), [], "x", "y")
    assert typed == {f.name: f.default for f in dataclasses.fields(config)} | typed
    assert set(typed) == {f.name for f in dataclasses.fields(config)}


def test_flags_take_what_is_typed() -> None:
    words = ["--network", "mlp", "--epochs", "3", "--hflip", "True", "--strict", "--lr", "1e-3"]
    typed = parse(config_flags(Config), words, "x", "y")
    assert (typed["network"], typed["epochs"], typed["lr"]) == ("mlp", 3, 1e-3)
    assert typed["hflip"] is True
    assert typed["strict"] is True


def test_help_needs_no_torch() -> None:
    code = (
        "import sys; from handloom.cli.main import main; main(['--help']);"
        "assert main(['nonsense']) == 2; assert 'torch' not in sys.modules"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "handloom train JOB DATA" in done.stdout
    assert time.perf_counter() - began < 5  # 0.05 s; the limit is for a busy machine


def test_training_imports_neither_compiler_nor_torchvision(tmp_path: Path) -> None:
    """Either costs more than torch itself: 2.3 s and 3 s, where torch takes 1.7 s. What evaluates
    after the last epoch may import scikit-learn, and with it pandas where that is installed; what
    opens a run and predicts may not."""
    train = (
        "import sys, handloom;"
        "handloom.train('classifier', 'digits', network='mlp', epochs=1, quiet=True,"
        " out=sys.argv[1]);"
        "slow = {'torch._dynamo', 'torchvision'} & set(sys.modules);"
        "assert not slow, slow"
    )
    predict = (
        "import sys, handloom;"
        "handloom.open(sys.argv[1]).predict('digits');"
        "slow = {'torch._dynamo', 'torchvision', 'sklearn', 'pandas'} & set(sys.modules);"
        "assert not slow, slow"
    )
    for code in (train, predict):
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], check=True)
