"""Train and resume, where they touch: what a killed run must not forget."""

import shlex
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps

import handloom
from handloom.engine.loop import Fit
from handloom.errors import UserError
from handloom.jobs.classifier import scratch
from handloom.jobs.pages import training_command
from handloom.runs.directory import RunDirectory

OPTIONS = {"network": "mlp", "epochs": 2, "quiet": True}


def weights(path: Path) -> dict[str, torch.Tensor]:
    return RunDirectory(path).networks()["network"]


def test_killed_before_the_first_step_it_still_begins_with_the_other_runs_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handloom.train("classifier", "digits", out=tmp_path / "first", seed=5, **OPTIONS).path
    whole = handloom.train(
        "classifier", "digits", from_run=first, out=tmp_path / "whole", **OPTIONS
    ).path

    def killed(_: Fit) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Fit, "run", killed)
        with pytest.raises(RuntimeError, match="killed"):
            handloom.train("classifier", "digits", from_run=first, out=tmp_path / "cut", **OPTIONS)
    handloom.resume(tmp_path / "cut", quiet=True)
    mine, theirs = weights(tmp_path / "cut"), weights(whole)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    config = handloom.open(whole).config
    assert str(first) in config["from"]
    words = shlex.split(training_command(handloom.open(whole).loaded))
    assert words[words.index("--from") + 1] == str(first)
    # The normalisation belongs to the data, and is what config.json says.
    assert mine["normalize.mean"].flatten().tolist() == pytest.approx(config["network"]["mean"])


def test_classes_of_another_name_get_a_new_head(shapes: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", shapes, out=tmp_path / "a", **OPTIONS).path
    renamed = tmp_path / "renamed"
    for name in ("blue", "green", "red"):
        (renamed / f"dark-{name}").mkdir(parents=True)
        for image in (shapes / name).iterdir():
            (renamed / f"dark-{name}" / image.name).write_bytes(image.read_bytes())
    run = handloom.train(
        "classifier", renamed, from_run=first, out=tmp_path / "b", lr=0.0, **OPTIONS
    )
    mine, theirs = weights(run.path), weights(first)
    assert torch.equal(mine["body.1.weight"], theirs["body.1.weight"])
    assert not torch.equal(mine["head.weight"], theirs["head.weight"])


def moved(shapes: Path, tmp_path: Path, epochs: int = 1) -> Path:
    """A run beside its data, both in a folder that was then renamed."""
    before = tmp_path / "before"
    shutil.copytree(shapes, before / "shapes")
    options = OPTIONS | {"epochs": epochs}
    handloom.train("classifier", before / "shapes", out=before / "run", **options)
    return before.rename(tmp_path / "after")


def test_run_and_data_moved_together_are_found(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    evaluation = handloom.open(after / "run").evaluation
    assert handloom.open(after / "run").evaluate()["accuracy"] == evaluation["accuracy"]
    assert handloom.resume(after / "run", epochs=2, quiet=True).finished


def test_data_moved_alone_are_taken_where_they_are_told(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    (after / "shapes").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"are not at .*before/shapes: .* --data FOLDER"):
        handloom.resume(after / "run", epochs=2, quiet=True)
    run = handloom.resume(after / "run", epochs=2, data=tmp_path / "elsewhere", quiet=True)
    assert run.finished


def test_other_data_than_the_runs_are_refused(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    next((after / "shapes" / "red").iterdir()).unlink()
    with pytest.raises(UserError, match="not those the run began with"):
        handloom.resume(after / "run", epochs=2, data=after / "shapes", quiet=True)


def test_data_of_one_folder_are_at_one_place(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    with pytest.raises(UserError, match=r"2 places of data .*: a classifier run has one"):
        handloom.resume(after / "run", epochs=2, data=[after, shapes], quiet=True)


def test_a_run_whose_data_were_moved_is_evaluated_where_they_lie_now(
    shapes: Path, tmp_path: Path
) -> None:
    shutil.copytree(shapes, tmp_path / "a")
    path = handloom.train("classifier", tmp_path / "a", out=tmp_path / "run", **OPTIONS).path
    (tmp_path / "a").rename(tmp_path / "b")
    run = handloom.resume(path, epochs=30, data=tmp_path / "b", quiet=True)
    assert run.finished
    assert run.config["data"] == str(tmp_path / "b")
    assert run.evaluation == run.evaluate(tmp_path / "b")
    assert run.evaluation == run.evaluate()


def test_what_cannot_be_evaluated_is_not_finished(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise UserError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("handloom.jobs.classifier.verbs.own_data", damaged)
        with pytest.raises(UserError, match="is trained, but not evaluated: the disk is gone"):
            handloom.train("classifier", shapes, out=tmp_path / "run", **OPTIONS)
    run = handloom.open(tmp_path / "run")
    assert (run.finished, run.evaluation) == (False, None)
    run = handloom.resume(run.path, quiet=True)
    assert run.finished
    assert run.evaluation is not None


def test_a_run_that_held_nothing_out_is_finished_without_an_evaluation(
    shapes: Path, tmp_path: Path
) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", validation=0.0, **OPTIONS)
    assert (run.finished, run.evaluation) == (True, None)


@pytest.mark.parametrize("job", ["vae", "char-rnn", "text-classifier"])
def test_a_run_of_another_job_to_begin_from_is_refused_at_once(
    shapes: Path, tmp_path: Path, job: str
) -> None:
    first = handloom.train("classifier", shapes, out=tmp_path / "first", **OPTIONS).path
    with pytest.raises(UserError, match=f"it is a classifier run; give one of the job {job}"):
        handloom.train(job, "no-such-data", out=tmp_path / "b", from_run=first, quiet=True)
    assert not (tmp_path / "b").exists()


def test_networks_that_do_not_fit_are_refused_before_there_is_a_run(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> list[str]:
        return []

    first = handloom.train("classifier", shapes, out=tmp_path / "first", **OPTIONS).path
    out = tmp_path / "b"
    with monkeypatch.context() as patch:
        patch.setattr("handloom.jobs.training.starting._copy", nothing)
        with pytest.raises(UserError, match=r"nothing in .* fits this network"):
            handloom.train("classifier", shapes, out=out, from_run=first, **OPTIONS)
    assert not out.exists()
    out.mkdir()
    (out / ".lock").touch()  # left from a run that was never written
    assert handloom.train("classifier", shapes, out=out, from_run=first, **OPTIONS).finished


def test_networks_that_do_not_fit_what_trials_chose_are_a_failure(tmp_path: Path) -> None:
    """The run is there already, and is not left as if it went on."""
    texts = [f"a {word} film, number {i}" for i in range(40) for word in ("fine", "dull")]
    data = (texts, ["good", "bad"] * 40)
    lstm = {"network": "lstm", "epochs": 1, "hidden": 8}
    first = handloom.train("text-classifier", data, out=tmp_path / "a", quiet=True, **lstm).path
    with pytest.raises(UserError, match="same kind; that run has network lstm"):
        handloom.train("text-classifier", data, out=tmp_path / "b", from_run=first, quiet=True)
    status = RunDirectory.open(tmp_path / "b").status()
    assert status["status"] == "failed"
    assert "--network lstm" in str(status["reason"])


def test_patience_without_a_metric_to_wait_for_is_refused(shapes: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"validation": 0.0, "patience": 3}
    with pytest.raises(UserError, match="patience=3: no validation metric"):
        handloom.train("classifier", shapes, out=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_patience_is_left_out_and_noted_where_trials_chose_what_cannot_wait(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After minutes of trials nothing is refused."""
    pairs = [(f"{kind} film {i}", kind) for i in range(30) for kind in ("good", "bad")]
    run = handloom.train("text-classifier", pairs, out=tmp_path / "run", patience=3)
    assert run.finished
    assert run.config["options"]["patience"] is None
    assert "--patience 3: this is solved, not trained" in " ".join(capsys.readouterr().err.split())


def test_of_one_epoch_none_is_chosen(shapes: Path, tmp_path: Path) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", **OPTIONS | {"epochs": 1})
    assert run.evaluation is not None
    assert run.evaluation["split"] == "valid"
    assert "this split also chose the epoch" not in run.describe(run.evaluation)


def test_an_evaluation_of_the_split_that_chose_the_epoch_says_so(
    shapes: Path, tmp_path: Path
) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", **OPTIONS)
    assert run.evaluation is not None
    assert (run.evaluation["split"], run.evaluation["optimistic"]) == ("valid", True)
    assert run.describe(run.evaluate()).endswith("\n  optimistic: this split also chose the epoch")
    shutil.copytree(shapes / "red", tmp_path / "part" / "red")
    assert run.evaluate(tmp_path / "part")["optimistic"], "without what was trained on"
    (tmp_path / "other" / "red").mkdir(parents=True)
    for path in (shapes / "red").iterdir():
        ImageOps.invert(Image.open(path).convert("RGB")).save(
            tmp_path / "other" / "red" / path.name
        )
    assert "optimistic" not in run.evaluate(tmp_path / "other")
    # The same data under another spelling of their place.
    respelled = f"{Path(run.config['data']).parent}/../{Path(run.config['data']).parent.name}/"
    respelled += Path(run.config["data"]).name
    assert run.evaluate(respelled)["optimistic"]
    moved = shutil.copytree(shapes, tmp_path / "moved and renamed")
    assert run.evaluate(moved)["optimistic"], "their content is what counts"
    once = handloom.open(shutil.copytree(run.path, tmp_path / "once"))
    RunDirectory(once.path).cut_metrics(1)
    assert "optimistic" not in once.evaluate(), "one epoch is no choice"
    tested = handloom.train("classifier", "digits", out=tmp_path / "digits", **OPTIONS)
    assert tested.evaluation is not None
    assert "optimistic" not in tested.evaluation


def test_a_network_that_this_version_builds_otherwise_is_not_trained_on(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused before anything is written: a finished run stays what it is."""
    options = {"network": "resnet", "size": 8, "width": 8, "epochs": 1, "quiet": True}
    run = handloom.train("classifier", shapes, out=tmp_path / "run", **options)
    before = {path.name: path.read_bytes() for path in run.path.glob("*.json")}
    old = scratch._sizes
    monkeypatch.setattr(scratch, "_sizes", lambda *given: {**old(*given), "logit_scale": 0.125})
    with pytest.raises(UserError, match=r"differs .*\(logit_scale\).*train it anew"):
        handloom.resume(run.path, epochs=2, quiet=True)
    assert {path.name: path.read_bytes() for path in run.path.glob("*.json")} == before


def test_weights_of_a_network_in_another_order_are_refused(shapes: Path, tmp_path: Path) -> None:
    options = {"network": "resnet", "size": 8, "width": 8, "epochs": 1, "quiet": True}
    run = handloom.train("classifier", shapes, out=tmp_path / "run", norm_first=True, **options)
    assert run.config["network"]["norm_first"] is True  # type: ignore[typeddict-item]
    with pytest.raises(UserError, match=r"normalises before its activations.*norm_first=True"):
        handloom.train("classifier", shapes, out=tmp_path / "b", from_run=run.path, **options)
    same = handloom.train(
        "classifier", shapes, out=tmp_path / "c", from_run=run.path, norm_first=True, **options
    )
    assert same.finished
