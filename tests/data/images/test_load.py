"""load: splits, sizes, caches and sentences, over all kinds of data."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from handloom.data.images import chunks
from handloom.data.images.decode import decode
from handloom.data.images.load import load
from handloom.errors import UserError
from tests.data.conftest import Draw


def test_class_folders(photos: Path) -> None:
    found = load(photos)
    assert found.name == "photos"
    assert found.train.classes == ("cat", "dog", "owl")
    assert found.valid is not None
    assert (len(found.train), len(found.valid), found.test) == (24, 6, None)
    assert found.valid.label is not None
    assert torch.bincount(found.valid.label).tolist() == [2, 2, 2]
    assert found.train.image.dtype == torch.uint8
    assert found.train.image.is_contiguous()
    expected = {"size": [64, 64], "channels": 3, "fit": "crop", "background": "white"}
    assert expected.items() <= found.preprocessing.items()
    assert found.broken == ()
    assert (
        found.facts["formats"] == {"JPEG": 18, "PNG": 12}
        or sum(found.facts["formats"].values()) == 30
    )
    assert found.facts["width"] == {"min": 80, "median": 80, "max": 80}


def test_images_are_those_of_decode(photos: Path) -> None:
    found = load(photos)
    for row in (0, 7, 23):
        name = found.train.names[row]
        assert torch.equal(found.train.image[row], decode(photos / name, found.preprocessing))
        assert found.train.label is not None
        assert name.startswith(found.train.classes[int(found.train.label[row])])


def test_seed_and_share(photos: Path) -> None:
    assert load(photos, seed=1).train.names == load(photos, seed=1).train.names
    assert load(photos, seed=1).train.names != load(photos, seed=2).train.names
    assert len(load(photos, validation=0.5).train) == 15
    whole = load(photos, validation=0)
    assert (len(whole.train), whole.valid) == (30, None)


@pytest.mark.parametrize(("size", "channels"), [(32, 1), (48, 3), (None, 1)])
def test_size_and_channels(photos: Path, size: int | None, channels: int) -> None:
    found = load(photos, size=size, channels=channels)
    assert found.train.size == ((size or 64), (size or 64))
    assert found.train.channels == channels


@pytest.mark.parametrize(("side", "expected"), [(28, 28), (9, 9), (200, 64), (64, 64)])
def test_own_size_of_square_images(tmp_path: Path, draw: Draw, side: int, expected: int) -> None:
    for number in range(6):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        draw(number).resize((side, side)).save(tmp_path / str(number % 2) / f"{number}.png")
    assert load(tmp_path).train.size == (expected, expected)


def test_small_images_of_many_sizes(tmp_path: Path, draw: Draw) -> None:
    for number in range(8):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        draw(number).resize((40 + number, 35)).save(tmp_path / str(number % 2) / f"{number}.png")
    assert load(tmp_path).train.size == (32, 32)


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA"])
def test_grey_images_have_one_channel(tmp_path: Path, draw: Draw, mode: str) -> None:
    for number in range(6):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        grey = draw(number).convert("L").convert(mode)
        grey.save(tmp_path / str(number % 2) / f"{number}.png")
    found = load(tmp_path)
    assert found.train.channels == 1
    assert torch.equal(
        found.train.image[0], decode(tmp_path / found.train.names[0], found.preprocessing)
    )
    assert load(tmp_path, channels=3).train.channels == 3


def test_second_run_decodes_nothing(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(photos)
    monkeypatch.setattr(chunks, "decode_file", None)
    second = load(photos)
    assert torch.equal(first.train.image, second.train.image)
    assert first.fingerprint == second.fingerprint


def test_cache_and_fingerprint_follow_content_not_place(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    first = load(photos)
    shutil.copytree(photos, tmp_path / "elsewhere")
    with monkeypatch.context() as patch:
        patch.setattr(chunks, "decode_file", None)
        assert load(tmp_path / "elsewhere").fingerprint == first.fingerprint
    draw(999).save(tmp_path / "elsewhere" / "cat" / "0.jpg")
    changed = load(tmp_path / "elsewhere", validation=0)
    assert changed.fingerprint != first.fingerprint
    assert not torch.equal(changed.train.image, load(photos, validation=0).train.image)


def test_broken_images(photos: Path) -> None:
    (photos / "cat" / "0.jpg").write_bytes((photos / "cat" / "0.jpg").read_bytes()[:500])
    (photos / "owl" / "1.png").write_text("no image")
    (photos / "owl" / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic")
    for _ in range(2):  # decoded, then from the cache
        found = load(photos, validation=0)
        assert len(found.train) == 28
        assert [broken.path for broken in found.broken] == [
            "cat/0.jpg",
            "owl/1.png",
            "owl/photo.heic",
        ]
        assert found.broken[0].reason == "the file is cut off"
        assert "owl/1.png" not in found.train.names
    with pytest.raises(UserError, match=r"3 broken images, the first is 'cat/0\.jpg'"):
        load(photos, strict=True)


def test_class_of_broken_images(photos: Path) -> None:
    for path in (photos / "dog").rglob("*.*"):
        path.write_text("x")
    found = load(photos)
    assert found.train.classes == ("cat", "owl")
    assert any("'dog' is left out" in note for note in found.notes)
    for path in (photos / "cat").rglob("*.*"):
        path.write_text("x")
    with pytest.raises(UserError, match=r"only one class \('owl'\)"):
        load(photos)
    for path in (photos / "owl").rglob("*.*"):
        path.write_text("x")
    with pytest.raises(UserError, match="none of the 30 images"):
        load(photos)


def test_near_duplicates_stay_together(photos: Path) -> None:
    for number in range(10):
        copy = Image.open(photos / "cat" / f"{number}.{'png' if number % 2 else 'jpg'}")
        copy.convert("RGB").resize((160, 200)).save(
            photos / "cat" / f"copy-{number}.jpg", quality=80
        )
    found = load(photos, validation=0.3, seed=5)
    assert len(found.duplicates) == 10
    assert all(len(group) == 2 for group in found.duplicates)
    kept = set(found.train.names)
    for left, right in found.duplicates:
        assert (left in kept) == (right in kept)
    assert any("near-duplicates" in note for note in found.notes)


def test_notes_on_classes(tmp_path: Path, draw: Draw) -> None:
    for kind, count in (("many", 40), ("few", 3), ("one", 1)):
        (tmp_path / kind).mkdir()
        for number in range(count):
            draw(hash(kind) % 1000 + number).save(tmp_path / kind / f"{number}.png")
    found = load(tmp_path)
    text = " / ".join(found.notes)
    assert "'one' has a single image" in text
    assert "few training images to learn from: 'few' has 3" in text
    assert found.train.label is not None
    assert 2 in found.train.label.tolist()


def test_many_small_classes_are_one_sentence(tmp_path: Path, draw: Draw) -> None:
    for kind in range(30):
        (tmp_path / f"kind{kind:02}").mkdir()
        for number in range(3):
            draw(10 * kind + number).save(tmp_path / f"kind{kind:02}" / f"{number}.png")
    (note,) = (note for note in load(tmp_path).notes if "few training images" in note)
    assert note.endswith("'kind04' has 3 and 25 more have as few")


def test_nothing_left_to_validate(tmp_path: Path, draw: Draw) -> None:
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        draw(number).save(tmp_path / str(number) / "a.png")
    with pytest.raises(UserError, match=r"nothing of .* is left to validate"):
        load(tmp_path)
    assert len(load(tmp_path, validation=0).train) == 3


def test_without_labels(photos: Path) -> None:
    found = load(photos, labelled=False)
    assert found.train.label is None
    assert found.train.classes == ()
    assert found.valid is not None
    assert len(found.valid) == 6


def test_progress_is_reported(photos: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    load(photos, report=lambda *step: seen.append(step))
    assert ("decoding", 30, 30) in seen
    assert ("reading", 30, 30) in seen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size 0 is out of range"),
        ({"channels": 2}, "2 channels"),
        ({"validation": 1.0}, "share 1.0"),
        ({"validation": -0.1}, "share -0.1"),
    ],
)
def test_options(photos: Path, options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        load(photos, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("mnsit", "did you mean 'mnist'"),
        ("fashon_mnist", "did you mean 'fashion-mnist'"),
        ("./mnist", "'./mnist' does not exist: the built-in set is 'mnist', without './'"),
        ("no/such/folder", "does not exist"),
        ("zzz", "names are digits, mnist"),
        ("1,0", "nor a named set: names are digits, mnist"),
    ],
)
def test_unknown(data: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load(data)


def test_digits() -> None:
    found = load("digits")
    assert found.valid is not None
    assert found.test is not None
    assert [len(found.train), len(found.valid), len(found.test)] == [1150, 288, 359]
    assert found.train.image.shape == (1150, 8, 8, 1)
    assert found.train.image.unique().tolist() == [(255 * step + 8) // 16 for step in range(17)]
    assert torch.equal(load("digits", seed=9).test.image, found.test.image)  # type: ignore[union-attr]
    assert load("digits", labelled=False).test.names == found.test.names  # type: ignore[union-attr]


def test_digits_resized() -> None:
    found = load("digits", size=32, channels=3)
    assert found.train.image.shape == (1150, 32, 32, 3)
    assert found.preprocessing["size"] == [32, 32]
    assert found.preprocessing["channels"] == 3


def test_named_sets_import_nothing_heavy() -> None:
    code = (
        "import sys; from handloom.data.images.load import load; load('digits'); "
        "heavy = ['sklearn', 'torchvision', 'torch._dynamo', 'PIL', 'pyarrow', 'scipy', 'rich']; "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_published(published: Path, name: str) -> None:
    if not (published / {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}[name]).exists():
        pytest.skip(f"{name} is not in HANDLOOM_DATA")
    found = load(name)
    assert found.valid is not None
    assert found.test is not None
    assert [len(found.train), len(found.valid), len(found.test)] == [55000, 5000, 10000]
    assert found.notes == ()
    assert (
        abs(
            found.train.image[::50].float().mean().item() / 255
            - {"mnist": 0.1307, "fashion-mnist": 0.286}[name]
        )
        < 0.01
    )


def test_photos(published: Path) -> None:
    if not (published / "photos" / "clothing").exists():
        pytest.skip("the clothing photos are not in HANDLOOM_DATA")
    found = load(published / "photos" / "clothing")
    assert (len(found.train), found.broken, found.duplicates) == (320, (), ())
