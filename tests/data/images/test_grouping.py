"""Near-duplicates and groups: kept together where that leaves enough, never a reason to refuse."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.grouping import prefixes, related_note
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.division.hold_out import hold_out_groups
from handloom.errors import UserError
from tests.data.conftest import Draw


def frames(
    folder: Path, seed: int, count: int, size: tuple[int, int] = (64, 64), noise: int = 0
) -> None:
    """One scene under a fixed camera, with the sensor's noise."""
    random = np.random.RandomState(seed)
    coarse = random.randint(0, 200, (6, 6, 3), dtype=np.uint8)
    scene = np.array(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), int)
    random = np.random.RandomState(noise)
    folder.mkdir(parents=True)
    for number in range(count):
        noisy = np.clip(scene + random.normal(0, 4, scene.shape), 0, 255)
        Image.fromarray(noisy.astype(np.uint8)).save(folder / f"clip{seed}_{number:02}.png")


@pytest.mark.parametrize("size", [(64, 64), (60, 120), (96, 64)])
def test_bursts_are_split_with_a_warning(tmp_path: Path, size: tuple[int, int]) -> None:
    frames(tmp_path / "a", 1, 30, size)
    frames(tmp_path / "b", 2, 30, size)
    found = load(tmp_path)
    assert found.valid is not None
    assert (len(found.train), len(found.valid)) == (48, 12)
    assert any("optimistic" in note and "--group" in note for note in found.notes)


def test_one_part_without_labels(tmp_path: Path) -> None:
    frames(tmp_path / "part", 3, 80)
    found = load(tmp_path / "part", labelled=False)
    assert found.valid is not None
    assert len(found.valid) == 16


def test_a_part_with_and_without_a_scratch(tmp_path: Path) -> None:
    frames(tmp_path / "good", 4, 30)
    frames(tmp_path / "scratch", 4, 30, noise=1)
    found = load(tmp_path)
    assert found.valid is not None
    assert (len(found.train), len(found.valid)) == (48, 12)
    assert any("different classes look nearly alike" in note for note in found.notes)


def test_equal_images_with_two_labels_are_named(tmp_path: Path, draw: Draw) -> None:
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for number in range(8):
            seed = number if number < 2 else number + 100 * (kind == "b")
            draw(seed).save(tmp_path / kind / f"{number}.png")
    assert any("4 images are equal to images with another label" in n for n in load(tmp_path).notes)


@pytest.mark.parametrize("mode", ["group", "ignore", "drop"])
def test_modes(photos: Path, mode: str) -> None:
    for number in range(0, 10, 2):
        copy = Image.open(photos / "cat" / f"{number}.jpg").convert("RGB")
        copy.save(photos / "cat" / f"copy{number}.jpg", quality=70)
    found = load(photos, Reading(duplicates=mode))  # type: ignore[arg-type]
    assert found.valid is not None
    assert len(found.train) + len(found.valid) == (30 if mode == "drop" else 35)
    assert len(found.duplicates) == (0 if mode == "ignore" else 5)
    assert any("near-duplicates" in note for note in found.notes) == (mode != "ignore")


@pytest.mark.parametrize("how", ["folder", "prefix"])
def test_groups_of_files(tmp_path: Path, draw: Draw, how: str) -> None:
    for number in range(40):
        kind, patient = "ab"[number % 2], number // 5
        name = f"p{patient}/{number}.png" if how == "folder" else f"p{patient}_{number:02}.png"
        (tmp_path / kind / name).parent.mkdir(parents=True, exist_ok=True)
        draw(number).save(tmp_path / kind / name)
    found = load(tmp_path, Reading(group=how))
    assert found.valid is not None

    def patients(names: tuple[str, ...]) -> set[str]:
        return {name[: name.index("p") + 2] for name in names}

    assert not patients(found.train.names) & patients(found.valid.names)
    with pytest.raises(UserError, match="must be folder or prefix"):
        load(tmp_path, Reading(group="patient"))


def test_folders_of_classes_are_no_groups(photos: Path) -> None:
    with pytest.raises(UserError, match="--group folder"):
        load(photos, Reading(group="folder"))


def test_whole_groups_that_span_classes() -> None:
    label, group = np.arange(60) % 2, np.arange(60) // 6
    rows = hold_out_groups(label, group, 12, seed=0)
    assert len(rows) == 12
    assert set(np.bincount(group[rows])) <= {0, 6}
    alone = hold_out_groups(label, np.zeros(60, dtype=np.int64), 12, seed=0)
    assert len(alone) == 0  # all belong together


def test_bursts_of_many_scenes_stay_on_one_side(tmp_path: Path) -> None:
    for seed in range(24):
        frames(tmp_path / "ab"[seed % 2] / f"scene{seed}", seed, 5)
    found = load(tmp_path)
    assert found.valid is not None
    assert 12 <= len(found.valid) <= 24
    scene = lambda names: {Path(name).parent.name for name in names}
    assert not scene(found.train.names) & scene(found.valid.names)


def test_frames_are_no_copies_to_drop(tmp_path: Path) -> None:
    """A fixed camera would leave one image a class."""
    frames(tmp_path / "a", 1, 30)
    frames(tmp_path / "b", 2, 30)
    for number in range(4):
        image = Image.open(tmp_path / "a" / f"clip1_{number:02}.png")
        image.save(tmp_path / "a" / f"copy{number}.jpg", quality=98)
    found = load(tmp_path, Reading(duplicates="drop"))
    assert found.valid is not None
    assert len(found.train) + len(found.valid) == 60
    assert any("optimistic" in note for note in found.notes)


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        ("{c}/S{c}{g}/{n}.png", "folder"),
        ("{c}/visit{n}/../patient{c}{g}_{n:02}.png", "prefix"),
        ("{c}/im{c}{g}_png.rf.{n}a0c{g}.png", "prefix"),
        ("{c}/photo {c}{g}_rot{n}0.png", "prefix"),
    ],
)
def test_names_that_say_what_belongs_together(tmp_path: Path, pattern: str, how: str) -> None:
    random = np.random.RandomState(0)
    for kind, group, number in np.ndindex(2, 4, 3):
        path = (tmp_path / pattern.format(c="ab"[kind], g=group, n=number)).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(random.randint(0, 256, (4, 4, 3), dtype=np.uint8))
        coarse.resize((24, 24)).save(path)
    assert any(f"--group {how} keeps them" in note for note in load(tmp_path).notes)
    found = load(tmp_path, Reading(group=how))
    assert not any("--group" in note for note in found.notes)
    assert len(found.together) == 8
    assert {len(names) for names in found.together} == {3}
    assert found.valid is not None  # and whoever evaluates it knows its groups
    assert 3 * len(set(found.groups_of(found.valid))) == len(found.valid)


def test_an_original_stays_with_its_versions() -> None:
    names = ["a/cat_1.png", "a/cat_1_flip.png", "a/cat_2.png", "a/cat_2 copy.png", "a/cat_3.png"]
    assert prefixes(names) == ["a/cat_1", "a/cat_1", "a/cat_2", "a/cat_2", "a/cat"]
    assert "4 images are versions" in related_note(names, [0] * 5, 1)[0]
    assert "--group COLUMN" in related_note(names, [0] * 5, 0, is_table=True)[0]


@pytest.mark.parametrize(
    "names",
    [
        [f"a/IMG_{n:04}.jpg" for n in range(20)],
        [f"n01440764/n01440764_{n}.JPEG" for n in (3, 17, 9, 210)],
        [f"cat/cat.{n}.jpg" for n in range(9)],
        ["a/b.jpg", "a/b.jpeg", "a/c.jpg", "a/c.png"],
        [f"a/{n * 7919:x}.jpg" for n in range(1, 40)],
        [f"black_rot/black_rot_{n}.jpg" for n in range(20)],
        [f"corn/corn_crop_{n}.jpg" for n in range(20)],
        ["rose/rose_3 copy.jpg", *(f"rose/rose_{n}.jpg" for n in range(60))],
    ],
)
def test_usual_names_say_nothing(names: list[str]) -> None:
    assert related_note(names, [0] * len(names), 1) == ()


@pytest.mark.parametrize(
    ("folders", "contradicts"),
    [
        (["bus/north", "bus/south", "tram/north", "tram/south"], True),
        (["bus/a", "bus/b", "tram/c", "tram/d"], False),
    ],
)
def test_folders_that_every_class_has_get_one_advice(
    tmp_path: Path, draw: Draw, folders: list[str], contradicts: bool
) -> None:
    for place, folder in enumerate(folders):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(4):
            draw(10 * place + number).save(tmp_path / folder / f"{place}x{number}y.png")
    notes = [note for note in load(tmp_path).notes if "folder" in note and "read as" not in note]
    assert len(notes) == 1 + contradicts
    assert ("if those are the classes, arrange" in notes[0]) == contradicts
    assert ("are no classes but of one person" in notes[-1]) == contradicts
    assert "--group folder keeps" in notes[-1]
