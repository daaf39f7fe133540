"""--repeats: the same data divided alike, one seed after the other, and what they come to."""

import json
from pathlib import Path
from typing import Any

import pytest

import handloom
from handloom.engine.loop import Diverged, Fit
from handloom.errors import UserError
from handloom.jobs.training import repeats
from handloom.jobs.training.preparation import prepare
from handloom.jobs.training.repeats import Repeats, repeat, resume, summarize
from handloom.runs.directory import RunDirectory
from handloom.runs.repeats import RepeatsDirectory

OPTIONS: dict[str, Any] = {"network": "mlp", "epochs": 1, "device": "cpu"}  # equal to the bit


@pytest.fixture
def display() -> Any:
    from handloom.display.console import Display

    return Display(quiet=True)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Repeats:
    """Three runs on a folder of images without a test split."""
    out = tmp_path_factory.mktemp("repeats") / "three"
    return handloom.repeat("classifier", "digits", 3, out=out, seed=4, quiet=True, **OPTIONS)


def splits(run: handloom.Run) -> list[tuple[str, ...]]:
    from handloom.jobs.images.data import own_data

    return [images.names for images in own_data(run.loaded).splits.values()]


def test_seeds_differ_and_the_division_does_not(three: Repeats) -> None:
    first, second, third = three.runs
    assert [run.config["options"]["seed"] for run in three.runs] == [4, 5, 6]
    assert splits(first) == splits(second) == splits(third)
    weights = [RunDirectory(run.path).networks()["network"]["head.weight"] for run in three.runs]
    assert not weights[0].equal(weights[1])


def test_what_all_runs_have_in_common_is_shown_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handloom.repeat("classifier", "digits", 2, out=tmp_path / "two", **OPTIONS)
    shown = capsys.readouterr().err
    assert "run 1 of 2" in shown
    assert "run 2 of 2" in shown
    assert shown.count("multiply-adds") == 1
    assert shown.count("digits: ") == 1


def test_each_run_is_what_a_run_alone_would_be(three: Repeats, tmp_path: Path) -> None:
    alone = handloom.train(
        "classifier", "digits", out=tmp_path / "a", seed=5, split_seed=4, quiet=True, **OPTIONS
    )
    assert alone.evaluation == three.runs[1].evaluation


def test_the_mean_and_the_standard_deviation_of_the_sample(three: Repeats) -> None:
    assert three.summary is not None
    values = [run.evaluation["accuracy"] for run in three.runs if run.evaluation]
    mean = sum(values) / 3
    metric = three.summary["metrics"]["accuracy"]
    assert metric["mean"] == pytest.approx(mean)
    assert metric["std"] == pytest.approx((sum((v - mean) ** 2 for v in values) / 2) ** 0.5)
    assert metric["n"] == 3
    rows = three.summary["runs"]
    assert [row["accuracy"] for row in rows] == values
    assert all(row["split"] == "test" and len(row["interval"]) == 2 for row in rows)
    assert len({row["weights"] for row in rows}) == 3


def test_runs_of_a_solved_head_have_equal_networks(tmp_path: Path) -> None:
    """By which the equal figures of solved heads are told from those of networks that differ."""
    texts = tmp_path / "texts.csv"
    lines = [f"{word} number {n},{word}" for n in range(20) for word in ("cold", "warm")]
    texts.write_text("\n".join(["text,label", *lines]))
    made = handloom.repeat(
        "text-classifier", texts, 2, out=tmp_path / "r", network="linear", quiet=True
    )
    assert made.summary is not None
    assert len({row["weights"] for row in made.summary["runs"]}) == 1


def test_varied_splits_have_one_seed_and_go_on_by_their_plan(
    display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before the second, it goes on with its own division; a solved model differs then."""
    texts = tmp_path / "texts.csv"
    lines = [f"{word} number {n},{word}" for n in range(20) for word in ("cold", "warm")]
    texts.write_text("\n".join(["text,label", *lines]))
    options: dict[str, Any] = {"network": "linear", "seed": 3, "split_seed": 7}
    train = repeats._train_one

    def killed(directory: RepeatsDirectory, number: int, *more: Any) -> None:
        if number == 2:
            raise Killed
        train(directory, number, *more)

    with monkeypatch.context() as patch:
        patch.setattr(repeats, "_train_one", killed)
        with pytest.raises(Killed):
            repeat("text-classifier", str(texts), options, 3, display, tmp_path / "r", vary="split")
    made = resume(tmp_path / "r", display)
    seeds = [RunDirectory(path).config()["options"] for path in made.runs]
    assert [(each["seed"], each["split_seed"]) for each in seeds] == [(3, 7), (3, 8), (3, 9)]
    rows = made.plan()["summary"]["runs"]
    assert [row["seed"] for row in rows] == [7, 8, 9]
    assert len({row["weights"] for row in rows}) == 3


def test_a_solved_head_is_not_repeated_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.csv"
    lines = [f"{word} number {n},{word}" for n in range(20) for word in ("cold", "warm")]
    texts.write_text("\n".join(["text,label", *lines]))
    handloom.repeat("text-classifier", texts, 2, out=tmp_path / "r", network="linear")
    assert (
        " ".join(capsys.readouterr().err.split()).count("--vary split divides the data anew") == 1
    )


class Killed(BaseException):
    """As by kill -9."""


@pytest.mark.parametrize("is_in_a_run", [True, False])
def test_killed_and_resumed_it_comes_to_the_same(
    three: Repeats,
    display: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_in_a_run: bool,
) -> None:
    """Killed in the second run, or when its directory was made and nothing written."""
    count = 0
    place = Fit if is_in_a_run else RunDirectory
    # The temperature is the second thing that is written into config.json.
    name, last = ("run", 2) if is_in_a_run else ("write_config", 3)
    before = vars(place)[name]

    def counted(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == last:
            raise Killed
        return before(*arguments)

    options = OPTIONS | {"seed": 4}
    with monkeypatch.context() as patch:
        patch.setattr(place, name, counted)
        with pytest.raises(Killed):
            repeat("classifier", "digits", options, 3, display, tmp_path / "r")
    directory = RepeatsDirectory(tmp_path / "r")
    assert "summary" not in directory.plan()
    assert directory.runs[1].exists()
    assert not directory.runs[2].exists()
    resume(directory.path, display)
    assert directory.plan()["summary"] == three.summary
    times = [(run / "networks.safetensors").stat().st_mtime_ns for run in directory.runs]
    resume(directory.path, display)  # nothing is left to do
    assert times == [(run / "networks.safetensors").stat().st_mtime_ns for run in directory.runs]


def test_a_seed_that_diverges_is_an_outcome(
    display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, run = 0, Fit.run

    def diverging(fit: Fit) -> Any:
        nonlocal count
        count += 1
        if count == 2:
            raise Diverged("the loss is nan in epoch 1, step 3", "network")
        return run(fit)

    monkeypatch.setattr(Fit, "run", diverging)
    made = repeat("classifier", "digits", OPTIONS, 3, display, tmp_path / "r")
    summary = made.plan()["summary"]
    assert [row["status"] for row in summary["runs"]] == ["finished", "failed", "finished"]
    assert summary["metrics"]["accuracy"]["n"] == 2


@pytest.mark.parametrize(
    ("job", "options", "count", "message"),
    [
        ("classifier", {}, 1, "--repeats 1: must be 2 or more"),
        ("classifier", {"minutes": 1.0}, 3, "under --minutes the runs would differ"),
        ("classifier", {"seed": 2**32 - 2}, 3, "--seed 4294967294 on would exceed 4294967295"),
        ("classifier", {"split_seed": 2**32 - 2, "vary": "split"}, 3, "--split-seed 4294967294 on"),
        ("filter", {"vary": "split"}, 3, "are not divided by a seed"),
        ("classifier", {"epoch": 2}, 3, "did you mean 'epochs'?"),
        ("clasifier", {}, 3, "did you mean 'classifier'?"),
    ],
)
def test_what_cannot_be_repeated(
    display: Any, tmp_path: Path, job: str, options: dict[str, Any], count: int, message: str
) -> None:
    options = dict(options)
    vary = options.pop("vary", "seed")
    with pytest.raises(UserError) as refused:
        repeat(job, "digits", options, count, display, tmp_path / "r", vary=vary)
    assert message in str(refused.value)
    assert not (tmp_path / "r").exists()


def test_a_directory_of_runs_is_not_a_run(three: Repeats, display: Any) -> None:
    with pytest.raises(UserError, match=r"holds repeated runs: give one of them, such as .*1$"):
        handloom.open(three.path)
    with pytest.raises(UserError, match="already holds a run"):
        repeat("classifier", "digits", OPTIONS, 2, display, three.path)


def test_corrections_stay_those_of_the_first_run(
    shapes: Path, display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.csv"
    file.write_text("file,correction\nblue/3.png,green\n")
    run = Fit.run

    def removing(fit: Fit) -> Any:
        file.unlink(missing_ok=True)
        return run(fit)

    monkeypatch.setattr(Fit, "run", removing)
    options = OPTIONS | {"corrections": str(file)}
    made = repeat("classifier", str(shapes), options, 2, display, tmp_path / "r")
    assert [RunDirectory(path).config()["corrections"]["relabelled"] for path in made.runs] == [
        1,
        1,
    ]


@pytest.mark.parametrize("job", ["gan", "vae"])
def test_what_a_job_holds_out_does_not_depend_on_the_run(
    job: str, display: Any, tmp_path: Path
) -> None:
    """A gan holds out the same images whatever its seed."""
    plan = {"job": job, "data": "digits", "options": {"epochs": 1}, "seeds": [4, 5]}
    directory, held_out = RepeatsDirectory(tmp_path), []
    directory.write_plan(plan)
    for number in (1, 2):
        prepared = prepare(job, "digits", repeats._options(directory, number), display)
        held_out.append(prepared.loaded.valid.names)
        prepared.resolve()
        RunDirectory(directory.runs[number - 1]).write_config({"options": vars(prepared.config)})
    assert held_out[0] == held_out[1]


def test_files_that_options_name_are_found_from_another_folder(
    display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repeats, "_train", lambda *_: None)
    for name in ("train.csv", "valid.csv"):
        (tmp_path / name).write_text("text,target\ngood,1\nbad,0\n")
    options = {"network": "linear", "valid": "valid.csv"}
    made = repeat("text-classifier", "train.csv", options, 2, display, Path("r"))
    assert made.plan()["options"]["valid"] == str((tmp_path / "valid.csv").resolve())


@pytest.mark.parametrize(
    ("job", "metric", "options"),
    [
        ("char-rnn", "perplexity", {"hidden": 8, "layers": 1}),
        ("text-classifier", "accuracy", {"network": "linear", "epochs": None}),
    ],
)
def test_every_job_with_a_metric(
    display: Any, tmp_path: Path, job: str, metric: str, options: dict[str, Any]
) -> None:
    data = tmp_path / "data.csv"
    if job == "char-rnn":
        data = tmp_path / "data.txt"
        data.write_text("the quick brown fox jumps over the lazy dog. " * 200)
    else:
        rows = [f"{'good' if i % 2 else 'bad'} film number {i},{i % 2}" for i in range(60)]
        data.write_text("text,target\n" + "\n".join(rows) + "\n")
    given = {k: v for k, v in ({"epochs": 1} | options).items() if v is not None}
    made = repeat(job, str(data), given, 2, display, tmp_path / "r")
    assert made.plan()["summary"]["metrics"][metric]["n"] == 2
    assert summarize(made) == made.plan()["summary"]


def test_the_plan_is_json(three: Repeats) -> None:
    plan = json.loads((three.path / "repeats.json").read_text("utf-8"))
    assert plan["seeds"] == [4, 5, 6]
    assert "seed" not in plan["options"]
