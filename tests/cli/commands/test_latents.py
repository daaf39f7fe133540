"""encode, reconstruct and interpolate."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    assert [set(record) for record in made.records] == [{"input", "error"}] * 4
    assert size(out) > (8, 8)
    assert "originals above their reconstructions" in typed("reconstruct", run, *digit_files).out


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
    assert typed("interpolate", run, 3, 7, "--out", tmp_path / "strip.png").status == 0
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
