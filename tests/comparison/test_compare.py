"""The verb `compare-encoders` from end to end, by encoders that are small."""

import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.comparison import candidates, compare
from handloom.comparison.candidates import Candidate
from handloom.comparison.collection import collect, task_of
from handloom.comparison.records import EncoderComparison
from handloom.data.images.reading import Reading
from handloom.data.io.digest import file_digests
from handloom.encoders import WeightsAbsent
from handloom.encoders.encoder import Encoder
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.images.encoding import find_encoder
from handloom.runs.directory import RunDirectory


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither weights nor a connection, and no job that makes an encoder."""

    def find(spec: str, *rest: Any) -> Encoder:
        if ":" in spec:
            raise WeightsAbsent(f"the weights of {spec} are not here: connect once")
        return find_encoder(spec, *rest)

    monkeypatch.setattr(candidates, "find_encoder", find)
    monkeypatch.setattr(compare, "trainable", list)


@pytest.fixture(scope="module")
def photos(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shapes and their mirror images, a copy, and a file that is broken."""
    folder = tmp_path_factory.mktemp("compare") / "photos"
    shutil.copytree(shapes, folder)
    for path in sorted(folder.glob("*/*.png")):
        mirrored = Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        mirrored.save(path.with_name(f"m{path.name}"))
    shutil.copy(folder / "red" / "0.png", folder / "red" / "copy.png")
    (folder / "red" / "broken.png").write_bytes(b"no image")
    return folder


@pytest.fixture(scope="module")
def autoencoder(photos: Path) -> Path:
    out = photos.parent / "run"
    handloom.train("autoencoder", photos, out=out, epochs=1, quiet=True)
    return out


def test_labels_compare_encoders_and_a_page_shows_it(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["compare-encoders", str(photos), "--out", str(out), "--json"]) == 0
    pixels, whole = map(json.loads, capsys.readouterr().out.splitlines())
    assert pixels["encoder"] == "pixels"
    assert pixels["precision@5"] == 1  # a hue for each class
    assert pixels["bytes_per_vector"] == 4 * 3072
    assert pixels["seconds_per_thousand"] > 0
    assert whole["recommended"] == "pixels"
    assert (whole["images"], whole["of"], whole["measured_by"]) == (72, 74, "labels")
    assert [entry["path"] for entry in whole["broken"]] == [str(photos / "red" / "broken.png")]
    assert "connect once" in whole["not_measured"][0]["reason"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count('<i class="yes"') == 6 * 5
    assert f"<pre>handloom compare-encoders {photos}" in page
    assert 'src="data:image' in page
    assert "http" not in page.replace("http-equiv", "")


def test_without_labels_views_are_the_queries(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare-encoders", str(photos / "red"), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert "distorted views of 24 images are the queries" in shown.err
    assert "view@1" in shown.out
    assert "no labels to go by" in shown.out


def test_a_run_is_compared(photos: Path, autoencoder: Path, tmp_path: Path) -> None:
    compared = handloom.compare_encoders(
        photos, encoders=[autoencoder], out=tmp_path / "a", quiet=True
    )
    run = compared.measured[1]
    assert run.name == str(autoencoder)
    assert run.minutes is not None
    assert run.flattered is None
    assert find_job("vae").learns_labels({"conditional": True})


def test_what_learned_the_labels_is_known_by_the_contents_of_its_images(
    shapes: Path, photos: Path, autoencoder: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    labelled, copied = tmp_path / "labelled", tmp_path / "copied"
    handloom.train("classifier", shapes, out=labelled, network="resnet", epochs=1, quiet=True)
    shutil.copytree(shapes, copied)  # under another name
    compared = handloom.compare_encoders(
        copied, encoders=[labelled], out=tmp_path / "out", quiet=True
    )
    assert compared.verdict.encoder == "pixels"
    seen = str(compared.measured[1].flattered)
    assert re.fullmatch(r"trained on the labels of \d+ of these 36 images", seen), seen
    paths = sorted(shapes.glob("*/*.png"))
    digests = file_digests(shapes, paths, lambda *_: None)
    assert candidates.flattered(labelled, digests) == seen
    known = RunDirectory(labelled).learned()
    assert known is not None
    learned = [digest for digest in digests if digest in known]
    assert 0 < len(learned) < 36  # others were held out
    assert candidates.flattered(labelled, learned) == "trained on the labels of these images"
    assert candidates.flattered(labelled, [d for d in digests if d not in learned]) is None
    assert candidates.flattered(autoencoder, digests) is None
    heir = tmp_path / "heir"
    shutil.copytree(autoencoder, heir)
    config = json.loads((autoencoder / "config.json").read_text("utf-8"))
    (heir / "config.json").write_text(json.dumps(config | {"from_run": str(labelled)}))
    assert candidates.flattered(heir, digests) == seen
    assert main(["compare-encoders", str(copied), "--encoder", str(labelled), "--out",
                 str(tmp_path / "again")]) == 0  # fmt: skip
    assert f"(!) {labelled}: {seen}" in capsys.readouterr().out


def test_what_can_be_trained_is_and_goes_on(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = dataclasses.replace(find_job("autoencoder"), makes_encoder=True)
    monkeypatch.setattr(compare, "trainable", lambda: [job])
    monkeypatch.setattr(compare, "LEAST", 0)
    monkeypatch.setattr(compare, "SHARE", 0.011)  # of a minute: one epoch
    out = tmp_path / "out"
    compared = handloom.compare_encoders(photos, out=out, minutes=1, quiet=True)
    assert [each.name for each in compared.measured] == ["pixels", str(out / "autoencoder")]
    lines = (out / "autoencoder" / "metrics.jsonl").read_text("utf-8")
    again = handloom.compare_encoders(photos, out=out, minutes=1, quiet=True)
    assert (out / "autoencoder" / "metrics.jsonl").read_text("utf-8") == lines
    assert again.measured[1].scores["mAP"].tolist() == compared.measured[1].scores["mAP"].tolist()
    monkeypatch.setattr(compare, "LEAST", 1)
    compared = handloom.compare_encoders(photos, out=tmp_path / "b", minutes=0.1, quiet=True)
    assert "no time to train it" in dict(compared.absent)["autoencoder"]


def test_an_interrupt_keeps_what_was_measured(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def interrupted(*_: Any) -> Candidate:
        raise KeyboardInterrupt

    job = dataclasses.replace(find_job("autoencoder"), makes_encoder=True)
    monkeypatch.setattr(compare, "trainable", lambda: [job])
    monkeypatch.setattr(compare, "trained", interrupted)
    out = tmp_path / "out"
    assert main(["compare-encoders", str(photos), "--out", str(out)]) == 130
    shown = capsys.readouterr()
    assert f"interrupted; --out {out} goes on" in shown.err
    assert "pixels" in shown.out
    assert "was interrupted" in (out / "report.html").read_text(encoding="utf-8")


def test_an_encoder_that_takes_too_long_is_left_out(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="minutes=-1: must be a number above 0"):
        handloom.compare_encoders(photos, minutes=-1)
    compared: EncoderComparison = handloom.compare_encoders(
        photos, minutes=1e-9, out=tmp_path / "out", quiet=True
    )
    assert not compared.measured
    assert "longer than what is left of --minutes 1e-09" in dict(compared.absent)["pixels"]
    assert compared.verdict.encoder is None
    assert compared.verdict.sentences == (
        "No encoder was measured: give more time with --minutes.",
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "'nowhere' does not exist: give a folder of images, or a table"),
        (["PHOTOS", "-k", "0"], "-k 0: must be 1 or more"),
        (["PHOTOS", "--images", "3"], "--images 3: must be 10 or more"),
        (["PHOTOS", "--encoder", "timm:x"], "the weights of timm:x are not here"),
        (["PHOTOS", "--weights", "w.pth", "--weights", "v.pth"], "2 files and --encoder 1 encoder"),
        (["PHOTOS/red/0.png"], "is a single file: give a folder of images"),
    ],
)
def test_one_sentence(
    photos: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [word.replace("PHOTOS", str(photos)) for word in arguments]
    assert main(["compare-encoders", *typed]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_a_folder_of_few_images(tmp_path: Path, shapes: Path) -> None:
    shutil.copytree(shapes / "red", tmp_path / "few")
    for path in sorted((tmp_path / "few").iterdir())[8:]:
        path.unlink()
    with pytest.raises(UserError, match="8 images of different content: 10 or more are needed"):
        handloom.compare_encoders(tmp_path / "few", quiet=True)


def test_an_image_beside_the_class_folders_has_no_label_and_the_others_keep_theirs(
    photos: Path, tmp_path: Path
) -> None:
    shutil.copytree(photos, tmp_path / "photos")
    Image.new("RGB", (20, 20), "pink").save(tmp_path / "photos" / "stray.png")
    collection = collect(str(tmp_path / "photos"), Reading(), 10_000, lambda *_: None)
    assert collection.labels.count(None) == 1
    assert any("1 image without a label" in note for note in collection.notes)
    assert task_of(collection, 5).is_labelled


def test_a_sample_of_the_images_has_every_class_in_its_share(photos: Path, tmp_path: Path) -> None:
    """Of a table whose classes alternate, every second row is one class."""
    files = [sorted((photos / name).glob("[0-9m]*.png")) for name in ("red", "blue")]
    count = min(map(len, files))
    rows = [f"{path},{path.parent.name}" for pair in zip(*files) for path in pair]
    table = tmp_path / "t.csv"
    table.write_text("image,label\n" + "\n".join(rows) + "\n")
    collection = collect(str(table), Reading(), count // 2 * 2, lambda *_: None)
    assert collection.labels.count("red") == collection.labels.count("blue") == count // 2
