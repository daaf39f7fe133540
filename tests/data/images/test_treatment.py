"""What a network sees of an image: shape, levels, background, brightness."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from handloom.data.images import treatment
from handloom.data.images.brightness import brightness, brightness_warning
from handloom.data.images.decode import decode
from handloom.data.images.deep import levels_of
from handloom.data.images.fit import choose_fit
from handloom.data.images.load import load, load_for_run
from handloom.data.images.reading import Reading
from handloom.data.images.resize import resized
from handloom.errors import UserError
from tests.data.conftest import Draw


def save(folder: Path, values: list[np.ndarray], suffix: str = "png") -> Path:
    for number, value in enumerate(values):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(value).save(place / f"{number}.{suffix}")
    return folder


def deep(low: int, high: int, count: int = 6) -> list[np.ndarray]:
    random = np.random.RandomState(0)
    return [random.randint(low, high, (24, 24)).astype(np.uint16) for _ in range(count)]


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [(0, 65536, [0, 65535]), (0, 4096, [0, 4095]), (0, 1000, [0, 1023]), (1000, 1250, None)],
)
def test_levels_are_of_the_set(
    tmp_path: Path, low: int, high: int, levels: list[float] | None
) -> None:
    found = load(save(tmp_path, deep(low, high)), validation=0)
    kept = found.preprocessing["levels"]
    assert kept == levels or (levels is None and 999 <= kept[0] < kept[1] <= 1250)
    assert found.train.image.float().std() > 50
    assert any("more than 8 bits" in note for note in found.notes)
    again = load_for_run(tmp_path, found.preprocessing)
    assert torch.equal(again.train.image, found.train.image)
    first = decode(tmp_path / found.train.names[0], found.preprocessing)
    assert torch.equal(first, found.train.image[0])


def test_a_hot_pixel_changes_nothing(tmp_path: Path) -> None:
    plain, hot = deep(0, 4000), deep(0, 4000)
    hot[2][3, 3] = 65535
    images = [load(save(tmp_path / name, values), validation=0).train.image
              for name, values in (("plain", plain), ("hot", hot))]  # fmt: skip
    differs = (images[0] != images[1]).flatten(1).sum(1)
    assert sorted(differs.tolist()) == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("odd", ["colour", "deep", "wide", "broken", None])
def test_a_sample_of_headers_decides_what_all_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str | None
) -> None:
    random = np.random.RandomState(0)
    values = [random.randint(0, 256, (24, 24)).astype(np.uint8) for _ in range(12)]
    folder = save(tmp_path / "set", values)
    # Of a/0, a/2, ... b/11 every third is sampled.
    for number in (2, 3, 4, 5, 8, 9, 10, 11) if odd == "wide" else (4,):
        path, value = folder / "ab"[number % 2] / f"{number}.png", values[number]
        if odd == "colour":
            Image.fromarray(np.stack([value, value, 255 - value], 2)).save(path)
        elif odd == "deep":
            Image.fromarray(value.astype(np.uint16) * 100).save(path)
        elif odd == "wide":
            Image.fromarray(np.tile(value, (1, 8))).save(path)
        elif odd == "broken":
            path.write_bytes(path.read_bytes()[:-60])
    made = []
    for most, cache in ((500, "all"), (4, "some")):
        monkeypatch.setattr(treatment, "MOST_PROBED", most)
        monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / cache))
        made.append(load(folder, validation=0))
    assert made[0].preprocessing == made[1].preprocessing
    assert made[0].facts == made[1].facts
    assert torch.equal(made[0].train.image, made[1].train.image)
    assert made[1].train.channels == (3 if odd == "colour" else 1)
    assert ("levels" in made[1].preprocessing) == (odd == "deep")


@pytest.mark.parametrize(
    ("spreads", "levels"),
    [([(0.0, 1.0)], (0, 1)), ([(0.0, 0.2), (0.0, 0.9)], (0, 1)), ([(-1.0, 1.0)], (-1, 1)),
     ([(0.0, 200.0)], (0, 255)), ([(5.0, 5.0)], (0, 255)), ([(0.0, 9e5)], (0, 9e5))],
)  # fmt: skip
def test_levels(spreads: list[tuple[float, float]], levels: tuple[float, float]) -> None:
    assert levels_of(spreads) == levels


@pytest.mark.parametrize(
    ("sides", "fit"),
    [([(80, 60)] * 9, "crop"), ([(180, 60)] * 9, "stretch"), ([(60, 120)] * 9, "stretch"),
     ([(180, 60)] * 9 + [(60, 180)] * 9, "pad"), ([(180, 60), (400, 60)] * 5, "pad"), ([], "crop")],
)  # fmt: skip
def test_the_fit_by_proportions(sides: list[tuple[int, int]], fit: str) -> None:
    assert choose_fit(sides) == fit


def edges(width: int, height: int) -> np.ndarray:
    """Grey, with a white mark at either end of the longer side."""
    image = np.full((height, width, 3), 90, np.uint8)
    if width > height:
        image[:, :8] = image[:, -8:] = 255
    else:
        image[:8] = image[-8:] = 255
    return image


@pytest.mark.parametrize(("width", "height"), [(180, 60), (60, 120), (300, 60)])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch", None])
def test_marks_at_the_ends(tmp_path: Path, width: int, height: int, fit: str | None) -> None:
    save(tmp_path, [edges(width, height)] * 6)
    reading = Reading(fit=fit, background="black")  # type: ignore[arg-type]
    found = load(tmp_path, reading, validation=0)
    assert found.preprocessing["fit"] == (fit or "stretch")
    assert (found.train.image > 200).any() == (fit != "crop")
    assert (found.train.image == 0).any() == (fit == "pad")
    assert any("cuts away" in note for note in found.notes) == (fit == "crop")
    square = resized(torch.from_numpy(edges(width, height))[None], (64, 64), 3,
                     found.preprocessing["fit"], "black")  # fmt: skip
    assert (square.int() - found.train.image[:1].int()).abs().float().mean() < 4


@pytest.mark.parametrize(("background", "value"), [("white", 255), ("grey", 128), ("black", 0)])
def test_transparency(tmp_path: Path, background: str, value: int) -> None:
    clear = np.zeros((20, 20, 4), np.uint8)
    opaque = np.full((20, 20, 4), 255, np.uint8)
    save(tmp_path, [clear, clear, opaque])
    found = load(tmp_path, Reading(background=background), validation=0)  # type: ignore[arg-type]
    assert found.train.image[0].unique().tolist() == [value]
    assert any(f"2 of the images are transparent in places: they lie over {background}" in note
               for note in found.notes)  # fmt: skip


def test_brightness() -> None:
    random = np.random.RandomState(0)
    dark = torch.from_numpy(random.randint(0, 60, (50, 8, 8, 1)).astype(np.uint8))
    known = {"brightness": brightness(dark)}
    assert brightness_warning(dark, known) is None
    assert "brighter" in str(brightness_warning(255 - dark, known))
    assert "darker" in str(brightness_warning(dark, {"brightness": brightness(255 - dark)}))
    assert brightness_warning(dark[:0], known) is None
    assert brightness_warning(255 - dark, {}) is None


@pytest.mark.parametrize("shape", [(28, 20), (20, 28), (7, 30)])
def test_images_for_a_run_of_another_shape(
    tmp_path: Path, draw: Draw, shape: tuple[int, int]
) -> None:
    save(tmp_path, [np.array(draw(number)) for number in range(4)])
    found = load_for_run(tmp_path, {"size": list(shape), "channels": 1, "fit": "crop"})
    assert found.train.image.shape == (4, *shape, 1)


def rings(width: int, height: int) -> np.ndarray:
    """Smooth brightness that grows from the middle outwards, so that a crop is seen in its mean."""
    y, x = np.mgrid[:height, :width]
    far = np.maximum(abs(x / (width - 1) - 0.5), abs(y / (height - 1) - 0.5)) * 2
    return np.repeat((255 * far).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("width", "height"), [(200, 150), (96, 96), (64, 64)])
def test_crop_and_interpolation_as_timm_has_them(
    tmp_path: Path, width: int, height: int, interpolation: str
) -> None:
    """The short side scaled to size / crop, and the middle of that cut out."""
    image = Image.fromarray(rings(width, height))
    image.save(tmp_path / "rings.png")
    wanted = {"size": [64, 64], "channels": 3, "fit": "crop", "crop": 0.8,
              "interpolation": interpolation}  # fmt: skip
    ours = decode(tmp_path / "rings.png", wanted)
    short = 64 / 0.8
    scale = short / min(width, height)
    kind = Image.Resampling.BICUBIC if interpolation == "bicubic" else Image.Resampling.BILINEAR
    whole = image.resize((round(width * scale), round(height * scale)), kind)
    left, top = (whole.width - 64) // 2, (whole.height - 64) // 2
    theirs = np.array(whole.crop((left, top, left + 64, top + 64)))
    assert (ours.numpy().astype(int) - theirs).__abs__().mean() < 2
    array = resized(torch.from_numpy(np.array(image))[None], (64, 64), 3, crop=0.8,
                    interpolation=interpolation)  # fmt: skip
    assert (array[0].int() - ours.int()).abs().float().mean() < 6  # cut at whole pixels


def test_stretch_is_cropped_and_pad_is_not(tmp_path: Path) -> None:
    Image.fromarray(rings(120, 80)).save(tmp_path / "rings.png")
    shape = {"size": [40, 40], "channels": 3, "background": "white"}
    for fit, changes in (("crop", True), ("stretch", True), ("pad", False)):
        whole = decode(tmp_path / "rings.png", shape | {"fit": fit})
        part = decode(tmp_path / "rings.png", shape | {"fit": fit, "crop": 0.5})
        assert (part.float().mean() < 0.7 * whole.float().mean()) == changes


def test_an_encoder_s_preprocessing_is_recorded(tmp_path: Path) -> None:
    save(tmp_path, [rings(90, 60)] * 6, "jpg")
    wanted = {"size": [32, 32], "channels": 3, "fit": "crop", "background": "white", "crop": 0.875,
              "interpolation": "bicubic"}  # fmt: skip
    found = load(tmp_path, validation=0, preprocessing=wanted)
    kept = {name: found.preprocessing[name] for name in wanted}
    assert kept == wanted
    again = load_for_run(tmp_path, found.preprocessing)
    assert torch.equal(again.train.image, found.train.image)
    padded = load(tmp_path, Reading(fit="pad"), validation=0, preprocessing=wanted)
    assert padded.preprocessing["fit"] == "pad"
    assert "crop" not in load(tmp_path, validation=0).preprocessing


@pytest.mark.parametrize(
    ("wrong", "match"), [({"crop": 1.5}, "crop 1.5"), ({"interpolation": "cubic"}, "'cubic'")]
)
def test_a_treatment_that_is_not_known(
    tmp_path: Path, wrong: dict[str, object], match: str
) -> None:
    with pytest.raises(UserError, match=match):
        decode(tmp_path / "none.png", {"size": [8, 8], "channels": 3, "fit": "crop"} | wrong)


def test_brightness_is_of_all_kinds_where_two_of_them_alternate() -> None:
    image = torch.zeros(10_002, 2, 2, 1, dtype=torch.uint8)
    image[::2] = 255
    found = brightness(image)
    assert found["mean"] == pytest.approx(0.5, abs=0.03)
    assert found["std"] == pytest.approx(0.5, abs=0.01)
