"""A run that is compiled answers as by torch, for as long as it is the same run."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.data.io.compiled import FILE, kept
from handloom.data.io.storage import cache_folder
from handloom.export import compiled
from handloom.export.compiled import key_of, opened, prepare
from handloom.runs.directory import RunDirectory
from tests.export.test_predict import WITHOUT_TORCH, odd_images, records, same

__all__ = ["odd_images"]  # a fixture
Golden = Callable[[str], Path]
SAID = "compiling the run, once"


@pytest.fixture(autouse=True)
def compiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few inputs as of a user, and an empty cache."""
    monkeypatch.setattr(compiled, "FEW", 64)
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def run(golden: Golden, tmp_path: Path) -> Path:
    """A finished classifier of digits."""
    return shutil.copytree(golden("classifier"), tmp_path / "run")


@pytest.fixture(scope="module")
def cache_of_another(golden: Golden, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with both golden classifiers compiled, which takes seconds."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDLOOM_CACHE", str(folder))
        assert prepare(golden("classifier"))
        assert prepare(golden("text-classifier"))
    return folder


@pytest.fixture
def prepared(run: Path, cache_of_another: Path) -> Path:
    """The run, which is compiled already."""
    shutil.copytree(cache_of_another, cache_folder())
    assert opened(run) is not None
    return run


@pytest.fixture
def prepared_texts(golden: Golden, cache_of_another: Path) -> Path:
    """A classifier of texts, which is compiled already."""
    shutil.copytree(cache_of_another, cache_folder())
    assert opened(golden("text-classifier")) is not None
    return golden("text-classifier")


def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a run fails."""
    monkeypatch.setattr("handloom.jobs.loading.load", None)


def by_torch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object
) -> tuple[list[object], str]:
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "FEW", 0)
        return records(capsys, *words)


def test_it_is_compiled_the_second_time_that_it_is_asked(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time says nothing and waits for nothing: it may be the only one."""
    image = run / "digit.png"
    first, said = records(capsys, run, image)
    assert not said
    second, said = records(capsys, run, image)
    assert SAID in said
    no_torch(monkeypatch)
    third, said = records(capsys, run, image)
    same(third, first)
    assert second == first
    assert not said


def test_nothing_is_compiled_where_that_is_turned_off(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDLOOM_COMPILE", "0")
    monkeypatch.setattr("handloom.export.tracing.traced", None)
    for _ in range(3):
        _, said = records(capsys, run, run / "digit.png")
        assert not said
    assert not prepare(run)


def test_all_that_is_said_of_images(
    prepared: Path, odd_images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    table = tmp_path / "images.csv"
    table.write_text(
        f"shelf,image,label\nA-1,{odd_images}/grey.png,3\n,{odd_images}/clear.png,4\n"
        f"B,{odd_images}/colour.jpg,eleven\nC,{odd_images}/none.png,1\n"
    )
    for words in (
        [odd_images],
        [*sorted(odd_images.iterdir()), "--top", "2"],
        [table, prepared / "digit.png", "--abstain-below", "0.5"],
        [odd_images / "clear.png", "--unclear-labels", "drop"],
    ):
        expected, also = by_torch(capsys, monkeypatch, prepared, *words)
        with monkeypatch.context() as patch:
            no_torch(patch)
            mine, said = records(capsys, prepared, *words)
        same(mine, expected)
        assert said == also


def test_training_images_are_known(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = tmp_path / "shapes-run"
    handloom.train(
        "classifier", shapes, out=run, epochs=1, network="cnn", precision="float32", quiet=True
    )
    assert prepare(run)
    expected, also = by_torch(capsys, monkeypatch, run, shapes)
    no_torch(monkeypatch)
    mine, said = records(capsys, run, shapes)
    same(mine, expected)
    assert said == also
    learned = [record.get("trained_on", False) for record in mine]
    assert 0 < sum(learned) < len(learned)


def test_pixels_are_known_where_the_run_learned_from_arrays(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from handloom.data.images.load import load
    from handloom.jobs.images.contents import split_contents

    digits = load("digits")
    train = digits.train
    RunDirectory(run).write_learned(split_contents(digits))
    (tmp_path / "new" / "3").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "new" / "3"):
        Image.fromarray(train.image[0, ..., 0].numpy()).save(folder / "learned.png")
    assert prepare(run)
    words = [tmp_path / "new", tmp_path / "learned.png"]
    expected, _ = by_torch(capsys, monkeypatch, run, *words)
    mine, _ = records(capsys, run, *words)
    same(mine, expected)
    assert [record.get("trained_on", False) for record in mine] == [False, True]


@pytest.mark.parametrize(
    "words",
    [["some text", "zzzz", "unheard"], ["some text", "--top", "1", "--abstain-below", "0.9"]],
)
def test_texts(
    prepared_texts: Path, words: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    expected, also = by_torch(capsys, monkeypatch, prepared_texts, *words)
    no_torch(monkeypatch)
    mine, said = records(capsys, prepared_texts, *words)
    same(mine, expected)
    assert said == also


def edit_config(run: Path) -> None:
    config = json.loads((run / "config.json").read_text("utf-8"))
    (run / "config.json").write_text(json.dumps(config | {"temperature": 3.0}))


def edit_weights(run: Path) -> None:
    directory = RunDirectory.open(run)
    directory.write_networks(
        {name: {key: value * 0.5 for key, value in state.items()}
         for name, state in directory.networks().items()}
    )  # fmt: skip


@pytest.mark.parametrize("edit", [edit_config, edit_weights])
def test_a_run_that_changed_is_another(
    prepared: Path, edit: Callable[[Path], None], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before, _ = records(capsys, prepared, prepared / "digit.png")
    edit(prepared)
    assert opened(prepared) is None
    expected, _ = by_torch(capsys, monkeypatch, prepared, prepared / "digit.png")
    for is_said in (False, True):
        mine, said = records(capsys, prepared, prepared / "digit.png")
        assert (SAID in said) is is_said
    assert mine == expected
    assert mine[0]["probability"] != pytest.approx(before[0]["probability"], abs=1e-3)


@pytest.mark.parametrize("is_native", [True, False])
def test_one_that_torch_rounds_otherwise_is_left_to_torch(
    run: Path, is_native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the second answer for an image would be another than the first."""
    config = json.loads((run / "config.json").read_text("utf-8"))
    config["environment"]["precision"] = "bfloat16"
    (run / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr("handloom.engine.precision._multiplies_bfloat16", lambda _: is_native)
    assert prepare(run) is not is_native
    assert (opened(run) is None) is is_native


def test_a_run_that_changes_while_it_is_compiled_is_not_kept(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = "handloom.export.check.agreement"
    monkeypatch.setattr(agreement, lambda *_: edit_config(run))
    assert not prepare(run)
    assert opened(run) is None


def test_a_damaged_file_is_left_to_torch(
    prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = kept(key_of(prepared))
    assert folder is not None
    file = folder / FILE
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert opened(prepared) is None
    _, said = records(capsys, prepared, prepared / "digit.png")
    assert SAID in said
    assert opened(prepared) is not None


def test_what_agrees_with_no_network_is_tried_once(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handloom.export.check.TOLERANCE", -1.0)
    for is_said in (False, True):
        _, said = records(capsys, run, run / "digit.png")
        assert (SAID in said) is is_said
    monkeypatch.setattr("handloom.export.tracing.traced", None)  # whoever tries again, fails
    _, said = records(capsys, run, run / "digit.png")
    assert not said


def test_many_images_and_sets_are_left_to_torch(
    run: Path, odd_images: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert not compiled.answers(run, [str(odd_images)], {})
    assert prepare(run)
    assert compiled.answers(run, [str(odd_images)], {})
    assert compiled.answers(run, ["digits"], {}) is None
    monkeypatch.setattr(compiled, "FEW", 4)
    assert compiled.answers(run, [str(odd_images)], {}) is None


@pytest.mark.parametrize(
    ("status", "cache"),
    [
        ('{"status": "trained"}', "cache"),
        ('{"status": "finished"}', "file/cache"),
        ('{"status": "fin', "cache"),
    ],
)
def test_runs_that_are_not_compiled(
    run: Path, status: str, cache: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One that is not finished, or does not say so, and any where the cache cannot be written."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / cache))
    monkeypatch.setattr("handloom.export.tracing.traced", None)
    (run / "status.json").write_text(status)
    _, said = records(capsys, run, run / "digit.png")
    assert not said


def test_a_fresh_process_imports_no_torch(prepared: Path, tmp_path: Path) -> None:
    words = ["predict", prepared, prepared / "digit.png", "--out", tmp_path / "p.csv"]
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "digit.png" in done.stdout
    assert (tmp_path / "p.csv").read_text("utf-8").startswith("input,label,probability,0,1,2")


def test_a_page_is_of_torch(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "why.html"
    words = ["predict", prepared, prepared / "digit.png", "--explain", page]
    assert main([str(word) for word in words]) == 0
    assert page.exists()
