"""What a user can do wrong, one by one: one sentence, status 2, no traceback, nothing lost."""

from pathlib import Path

import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.runs.directory import RunDirectory


def refuse(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must fail; its one sentence is returned."""
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line.startswith("handloom: ")]
    assert len(lines) == 1, captured.err
    assert "Traceback" not in captured.err
    return lines[0]


def image(path: Path, colour: int = 200) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 16), (colour, 10, 10)).save(path)
    return path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["weave"], "there is no verb 'weave'"),
        (["train"], "needs a job first"),
        (["train", "classifyer", "digits"], "there is no job 'classifyer'"),
        (["train", "classifier"], "DATA is missing"),
        (["train", "classifier", "digits", "--epohcs", "3"], "did you mean --epochs?"),
        (["train", "classifier", "digits", "--epochs", "three"], "must be a whole number"),
        (["train", "classifier", "digits", "--seed", "100000000000000"], "must be 0 to 4294967295"),
        (["train", "char-rnn", "pydoc", "--seed", "-1"], "--seed -1: must be 0 to 4294967295"),
        (["train", "gan", "digits", "--seed", "4294967296"], "must be 0 to 4294967295"),
        (["stylize", "a.png", "b.png", "--out", "c.png", "--seed", "4294967296"], "4294967295"),
        (["stylize", "a.png", "b.png", "--steps", "3"], "did you mean --iterations?"),
        (["show"], "DATA is missing"),
        (["train", "classifier", "digit"], "digits"),
        (["train", "classifier", "digits", "--epochs", "0"], "--epochs 0: must be 1 or more"),
        (["train", "classifier", "digits", "--lr", "-1"], "--lr -1"),
        (
            ["train", "classifier", "digits", "--epochs", "1", "--minutes", "1"],
            "exclude each other",
        ),
        (["train", "classifier", "digits", "--preset", "tutorial"], "no tutorial for auto"),
        (["train", "classifier", "digits", "--translate", "8"], "8x8 pixels; give at most 7"),
        (["train", "classifier", "digits", "--device", "abacus"], "this machine has cpu"),
        (["resume", "nowhere"], "no config.json"),
        (["evaluate", "nowhere"], "no config.json"),
        (["predict", "nowhere", "x.png"], "no config.json"),
        (["runs", "nowhere"], "there is no run"),
    ],
)
def test_words(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in refuse(capsys, *words)


def test_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = lambda name: refuse(
        capsys, "train", "classifier", str(tmp_path / name), "--out", str(tmp_path / "run")
    )
    (tmp_path / "empty").mkdir()
    assert "empty" in train("empty")
    image(tmp_path / "one" / "cat" / "1.png")
    image(tmp_path / "one" / "cat" / "2.png", 100)
    assert "only one class ('cat')" in train("one")
    image(tmp_path / "flat" / "1.png")
    assert "class" in train("flat")
    image(tmp_path / "single" / "cat" / "1.png")
    image(tmp_path / "single" / "dog" / "1.png", 90)
    train("single")  # one image a class leaves nothing to validate on
    assert not (tmp_path / "run").exists()


def test_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def train(text: str) -> str:
        (tmp_path / "table.csv").write_text(text)
        return refuse(capsys, "train", "classifier", str(tmp_path / "table.csv"))

    assert "label" in train("image,colour\na.png,red\n")
    assert "gone.png" in train("image,label\ngone.png,cat\nalso.png,dog\n")
    train("image,label\n")
    train("")


def test_strict_stops_and_otherwise_broken_images_are_named(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    folder = tmp_path / "shapes"
    shutil.copytree(shapes, folder)
    (folder / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n not an image")
    says = refuse(capsys, "train", "classifier", str(folder), "--strict")
    assert "broken.png" in says
    out = str(tmp_path / "run")
    assert main(["train", "classifier", str(folder), "--epochs", "1", "--out", out]) == 0
    assert "broken.png" in capsys.readouterr().err


def test_too_small_and_not_a_image(digits_run: Path, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    tiny = ["train", "classifier", "digits", "--network", "cnn", "--size", "4"]
    says = refuse(capsys, *tiny)
    assert says.startswith("handloom: the images are 4x4")
    assert says.endswith("give --size 8 or more, or --network mlp")
    (tmp_path / "notes.png").write_text("hello")
    words = ("predict", str(digits_run), str(tmp_path / "notes.png"), "--strict")
    assert "notes.png" in refuse(capsys, *words)
    assert "gone.png" in refuse(capsys, "predict", str(digits_run), "gone.png")


def test_a_decompression_bomb_is_not_unpacked(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = tmp_path / "bomb.png"
    Image.new("1", (30_000, 30_000)).save(bomb)  # 900 megapixels in 110 kB
    assert bomb.stat().st_size < 1_000_000
    assert "bomb.png" in refuse(capsys, "predict", str(digits_run), str(bomb), "--strict")


def test_a_run_is_not_overwritten(
    digits_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (digits_run / "networks.safetensors").read_bytes()
    says = refuse(capsys, "train", "classifier", "digits", "--out", str(digits_run))
    assert "already holds a run" in says
    (tmp_path / "notes.txt").write_text("mine")
    assert "not a run" in refuse(capsys, "train", "classifier", "digits", "--out", str(tmp_path))
    assert (digits_run / "networks.safetensors").read_bytes() == before


def test_a_run_in_use(digits_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunDirectory(digits_run).lock():
        assert "another process" in refuse(capsys, "resume", str(digits_run))


def test_a_loss_that_is_no_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "run")
    words = ["train", "classifier", "digits", "--network", "mlp", "--optimizer", "sgd"]
    says = refuse(capsys, *words, "--lr", "1e30", "--weight-decay", "1", "--out", out)
    assert "no longer a number" in says
    assert "smaller --lr" in says
    assert RunDirectory(Path(out)).status()["status"] == "failed"


def test_weights_of_another_network(digits_run: Path, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(digits_run, copy)
    blob = (copy / "networks.safetensors").read_bytes()
    (copy / "networks.safetensors").write_bytes(blob[: len(blob) // 2])
    assert "damaged" in refuse(capsys, "evaluate", str(copy))
    (copy / "config.json").write_text("{")
    assert "config.json" in refuse(capsys, "evaluate", str(copy))


def test_resuming_to_less_than_there_is(
    digits_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (digits_run / "config.json").read_bytes()
    assert "3 epochs already" in refuse(capsys, "resume", str(digits_run), "--epochs", "2")
    assert main(["resume", str(digits_run)]) == 0
    assert "is finished" in capsys.readouterr().err
    assert (digits_run / "config.json").read_bytes() == before
