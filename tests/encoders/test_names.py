"""Names of encoders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.encoders.names import EncoderName, as_in_tutorial, parse
from handloom.errors import UserError


@pytest.mark.parametrize(
    ("spec", "name"),
    [("pixels", ("pixels", "")), (" Pixels ", ("pixels", "")),
     ("timm:resnet50.a1_in1k", ("timm", "resnet50.a1_in1k")),
     ("TorchVision: resnet18", ("torchvision", "resnet18")),
     ("clip:ViT-B-32.openai", ("clip", "ViT-B-32.openai")), ("pixels:224", ("pixels", "224"))],
)  # fmt: skip
def test_names(spec: str, name: tuple[str, str]) -> None:
    assert parse(spec) == EncoderName(*name)


@pytest.mark.parametrize(
    ("spec", "match"),
    [("pixel", "did you mean 'pixels'"), ("timm:", "names no network: write timm:NAME"),
     ("timm", "names no network"), ("blip:x", "did you mean 'clip:x'"),
     ("dinosaur:x", "there is no encoder 'dinosaur:x': give pixels"),
     ("tim:resnet18", "did you mean 'timm:resnet18'"), ("trochvision:x", "'torchvision:x'"),
     ("", "there is no encoder ''"), ("pixels:3", "no encoder 'pixels:3'")],
)  # fmt: skip
def test_what_is_no_name(spec: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        parse(spec)


@given(st.text(max_size=30))
def test_any_text_is_a_name_or_a_user_s_error(spec: str) -> None:
    try:
        name = parse(spec)
    except UserError:
        return
    assert name.source in ("pixels", "timm", "torchvision", "clip", "simclr")


def test_encoders_of_the_tutorial() -> None:
    names = ("pixels", "simclr", "clip", "timm:resnet18", "runs/x")
    assert [as_in_tutorial(name) for name in names] == [
        "pixels:224", "simclr:resnet50.64", "clip:ViT-B-32", "timm:resnet18", "runs/x",
    ]  # fmt: skip
