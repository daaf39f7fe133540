"""encode, reconstruct and interpolate."""

import csv
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from handloom.jobs import find_job
from tests.cli.commands.conftest import size


def test_encode(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    digit_files: list[str],
    tmp_path: Path,
) -> None:
    run, out = trained("vae"), tmp_path / "latents.csv"
    made = typed("encode", run, *digit_files, "--json")
    assert [record["input"] for record in made.records] == digit_files
    assert all(len(record["latent"]) == 2 for record in made.records)
    assert typed("encode", run, "digits", "--out", out).status == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 359
    assert {"input", "z1", "z2", "label"} <= set(rows[0])
    assert typed("encode", run, *digit_files).out.count("\n") >= 5


def test_reconstruct(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    digit_files: list[str],
    tmp_path: Path,
) -> None:
    run, out = trained("autoencoder"), tmp_path / "pairs.png"
    made = typed("reconstruct", run, *digit_files, "--json", "--out", out)
    assert [set(record) for record in made.records] == [{"input", "mean_squared_error"}] * 4
    assert size(out) > (8, 8)
    assert "originals above their reconstructions" in typed("reconstruct", run, *digit_files).out
    many = typed("reconstruct", run, "digits", "--out", out).out  # which takes no table
    assert "... and 339 more: --json has them all" in many
    assert "% of a pixel's range" in many


def test_interpolate_between_images(
    typed: Callable[..., Any],
    trained: Callable[[str], Path],
    digit_files: list[str],
    tmp_path: Path,
) -> None:
    run, out = trained("vae"), tmp_path / "morph.gif"
    made = typed("interpolate", run, *digit_files[:2], "--frames", 3, "--out", out, "--json")
    (record,) = made.records
    assert set(record) == {"out", "frames", "size"}
    assert record["frames"] == 4
    still = typed("interpolate", run, *digit_files[:2], "--out", tmp_path / "strip.png")
    assert still.status == 0
    assert "10 images from " in still.out


def test_interpolate_between_seeds_of_a_gan(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path
) -> None:
    run = trained("gan")
    walked = typed("interpolate", run, 3, 7, "--out", tmp_path / "strip.png")
    assert walked.out.endswith("strip.png: 10 images from seed 3 to seed 7\n")
    given = [",".join(["0.5"] * 4), ",".join(["1"] * 4)]
    walked = typed("interpolate", run, *given, "--out", tmp_path / "strip.png")
    assert walked.out.endswith("strip.png: 10 images between 2 given latents\n")
    refused = typed("interpolate", run, 3, "seven")
    assert refused.status == 2
    assert "'seven'" in refused.err
    refused = typed("interpolate", run, 3, 2**70)
    assert refused.status == 2
    assert str(2**70) in refused.err


def test_a_gan_has_no_encoder(
    typed: Callable[..., Any], trained: Callable[[str], Path], digit_files: list[str]
) -> None:
    refused = typed("encode", trained("gan"), *digit_files)
    assert refused.status == 2
    assert "'encode' is not available for gan runs" in refused.err


@pytest.fixture
def mixed(digit_files: list[str], tmp_path: Path) -> Path:
    """A folder of two images, a cut one, a page of HTML and an empty file, all named .png."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number, path in enumerate(digit_files[:2]):
        (folder / f"{number}.png").write_bytes(Path(path).read_bytes())
    (folder / "cut.png").write_bytes(Path(digit_files[0]).read_bytes()[:60])
    (folder / "page.png").write_text("<html>404 not found</html>")
    (folder / "empty.png").touch()
    return folder


@pytest.mark.parametrize("job", ["autoencoder", "vae"])
@pytest.mark.parametrize("verb", ["encode", "reconstruct"])
def test_what_cannot_be_read_is_listed_and_counted(
    typed: Callable[..., Any], trained: Callable[[str], Path], mixed: Path, verb: str, job: str
) -> None:
    made = typed(verb, trained(job), mixed, "--json")
    assert made.status == 0
    failed = {record["input"]: record["error"] for record in made.records if "error" in record}
    assert set(failed) == {f"{mixed}/{name}.png" for name in ("cut", "page", "empty")}
    assert len(made.records) == 5
    assert "3 inputs cannot be read" in made.err
    strict = typed(verb, trained(job), mixed, "--strict")
    assert strict.status == 2
    assert "cannot be read" in strict.err


def test_broken_inputs_have_rows_in_the_table(
    typed: Callable[..., Any], trained: Callable[[str], Path], mixed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "latents.csv"
    assert typed("encode", trained("vae"), mixed, "--out", out).status == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [bool(row["error"]) for row in rows] == [False, False, True, True, True]
    assert rows[2]["z1"] == ""


@pytest.mark.parametrize("job", ["classifier", "autoencoder", "vae", "gan"])
def test_every_verb_that_reads_images_takes_strict_and_splits(job: str) -> None:
    verbs = find_job(job).verbs
    for verb in {"evaluate", "predict", "encode", "reconstruct"} & set(verbs):
        options = verbs[verb].options
        assert options is not None
        assert {"strict", "splits"} <= {field.name for field in fields(options)}


@pytest.mark.parametrize("job", ["autoencoder", "vae", "gan"])
def test_evaluate_is_strict_where_asked(
    typed: Callable[..., Any], trained: Callable[[str], Path], mixed: Path, job: str
) -> None:
    refused = typed("evaluate", trained(job), mixed, "--strict")
    assert refused.status == 2
    assert "3 broken images" in refused.err


def test_latents_do_not_depend_on_the_precision_of_training(
    trained: Callable[[str], Path], digit_files: list[str]
) -> None:
    import torch

    import handloom
    from handloom.engine.precision import Precision

    run = handloom.open(trained("vae"))
    run.loaded.precision = Precision(run.loaded.device, torch.bfloat16)
    rounded = run.encode(digit_files).latent
    run.loaded.precision = Precision(run.loaded.device, None)
    assert torch.equal(run.encode(digit_files).latent, rounded)
