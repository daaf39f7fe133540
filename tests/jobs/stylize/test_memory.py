"""Memory that is planned before it is used."""

import itertools

import pytest

from handloom.errors import UserError
from handloom.jobs.stylize.memory import parse, plan
from handloom.models.image.vgg import COMPRESSED, VGG, VGG19

LAYERS = [f"relu{i}_1" for i in range(1, 6)]


def test_units() -> None:
    assert parse("2G") == 2 << 30
    assert parse("800M") == 800 << 20
    assert parse("1.5gb") == 3 << 29
    with pytest.raises(UserError, match=r"--memory two: write a number"):
        parse("two")


def test_whole_where_it_fits_then_tiles_then_a_sentence() -> None:
    network = VGG(VGG19)
    roomy = plan(2048, 2048, network, LAYERS, None, 10, "auto")
    assert roomy.tile is None
    assert roomy.history == 10
    tight = plan(2048, 2048, network, LAYERS, 4 << 30, 10, "auto")
    assert tight.tile is not None
    assert tight.needs <= 4 << 30
    assert tight.tile % 16 == 0
    with pytest.raises(UserError, match=r"too small for even one tile: 2048x2048"):
        plan(2048, 2048, network, LAYERS, 600 << 20, 10, "auto")


def test_lbfgs_gives_up_history_then_itself() -> None:
    network = VGG(COMPRESSED)
    found = [plan(2048, 2048, network, LAYERS, n << 29, 10, "auto") for n in (20, 7, 6, 5)]
    assert found[0].optimizer == "lbfgs"
    assert found[0].history == 10
    assert found[-1].optimizer == "adam"
    assert all(a.history >= b.history for a, b in itertools.pairwise(found))


def test_larger_images_need_more_and_small_networks_less() -> None:
    needs = [
        plan(side, side, VGG(widths), LAYERS, None, 10, "auto").needs
        for widths in (COMPRESSED, VGG19)
        for side in (512, 1024)
    ]
    assert needs[0] < needs[1]
    assert needs[2] < needs[3]
    assert needs[0] < needs[2]
