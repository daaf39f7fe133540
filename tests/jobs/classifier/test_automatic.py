"""Which network is chosen where none is asked for."""

import re
from pathlib import Path
from typing import Any

import pytest

from handloom.config import check
from handloom.jobs.classifier import automatic
from handloom.jobs.classifier.automatic import choose_network
from handloom.jobs.classifier.config import Config

from .conftest import ENCODER


def nothing(*_: Any) -> None:
    pass


def test_photos_get_an_encoder_where_its_weights_are(
    photos: Path, encoder_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic, "ENCODER", ENCODER)
    config = check(Config, {"weights": str(encoder_weights)})
    network, (note,) = choose_network(config, str(photos), nothing)
    assert network == ENCODER
    count = len(list(photos.rglob("*.*")))
    assert re.fullmatch(
        rf"photos, \d+ pixels across: {ENCODER}, which was trained on ImageNet, reads each once "
        rf"\({count} images: (about \d+ seconds?|below a second)\); --network resnet trains from "
        "scratch",
        note,
    )


@pytest.mark.parametrize("data", ["digits"])
def test_small_images_keep_the_network_from_nothing(data: str) -> None:
    assert choose_network(check(Config, {}), data, nothing) == ("resnet", ())


def test_a_size_that_is_asked_for_keeps_the_network_from_nothing(photos: Path) -> None:
    assert choose_network(check(Config, {"size": 32}), str(photos), nothing) == ("resnet", ())


def test_without_weights_a_sentence_says_what_is_lost(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    network, (note,) = choose_network(check(Config, {}), str(photos), nothing)
    assert network == "resnet"
    assert "trained from scratch" in note
    assert "--weights" in note
