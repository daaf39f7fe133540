"""The card beside a file: what Hugging Face reads of it, and what a person does."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from handloom.errors import UserError
from handloom.export.card import card_place
from handloom.export.card_files import kept_blocks
from handloom.export.licences import beginnings, licence_of, repository_of
from handloom.export.write import export


@pytest.fixture(scope="module")
def card_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("card")


@pytest.fixture(scope="module")
def card(digits_run: Path, card_folder: Path) -> str:
    """The card of a run of the digits."""
    (made,) = export(digits_run, out=card_folder / "digits.pt2")
    return made.card.read_text(encoding="utf-8")


def test_the_hub_reads_task_and_accuracy(card: str, digits_run: Path) -> None:
    import handloom

    data = ModelCard(card).data
    evaluation = handloom.open(digits_run).evaluation
    assert evaluation is not None
    assert data.pipeline_tag == "image-classification"
    assert data.library_name == "handloom"
    assert data.tags == ["handloom", "pt2"]
    assert data.get("license") is None  # it is the owner's to choose
    assert data.eval_results is not None
    (result,) = data.eval_results
    assert (result.metric_type, result.dataset_split) == ("accuracy", "test")
    assert result.metric_value == evaluation["accuracy"]


def test_a_person_reads_data_interval_limits_and_licence(card: str) -> None:
    for words in (
        "digits (train 1,150, valid 288, test 359)",
        "10 classes: `0`, `1`",
        "on 359 images (95 % interval",
        "It knows the classes above alone",
        "Its weights began at random",
        "`digits.pt2`, the classifier; matches the network on 30 inputs",
        "in: `pixels`, uint8 (batch, 8, 8, 1)",
        'torch.export.load("digits.pt2"',
    ):
        assert words in card


def test_the_lines_of_a_pt2_run_with_torch_alone(card: str, card_folder: Path) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names: dict[str, Any] = {}
    here = lines.replace("digits.pt2", str(card_folder / "digits.pt2"))
    exec(compile(here, "card", "exec"), names)
    assert names["probabilities"].shape == (2, 10)
    assert names["known"]["classes"][0] == "0"


def test_a_card_goes_on_naming_what_lies_beside(digits_run: Path, card_folder: Path) -> None:
    """The other format of the same network, and nothing that is gone."""
    (made,) = export(digits_run, out=card_folder / "digits.onnx")
    card = made.card.read_text(encoding="utf-8")
    assert ModelCard(card).data.tags == ["handloom", "onnx", "pt2"]
    assert "`digits.onnx`, the classifier" in card
    assert "`digits.pt2`, the classifier" in card
    assert card.count("```python") == 2
    (card_folder / "digits.pt2").unlink()
    (kept,) = kept_blocks(card, card_folder, [])
    assert "digits.pt2" not in kept


def test_where_weights_are_published() -> None:
    assert repository_of("timm:tf_efficientnet_lite0") == "timm/tf_efficientnet_lite0.in1k"
    assert repository_of("sentence:all-MiniLM-L6-v2") == "sentence-transformers/all-MiniLM-L6-v2"
    assert repository_of("sentence:someone/model") == "someone/model"
    assert repository_of("torchvision:resnet50") is None


def test_a_readme_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    readme, own = tmp_path / "README.md", tmp_path / "model.md"
    assert card_place(tmp_path / "model.onnx") == readme
    readme.write_text("# My project\n")
    assert card_place(tmp_path / "model.onnx") == own
    own.write_text("# My notes\n")
    with pytest.raises(UserError, match="exist already: give another --out for the model card"):
        card_place(tmp_path / "model.onnx")
    shutil.copy(readme, own)
    readme.write_text("---\nlibrary_name: handloom\n---\n`model.onnx`\n")  # of an export before
    assert card_place(tmp_path / "model.onnx") == readme
    assert card_place(tmp_path / "other.onnx") == tmp_path / "other.md"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"options": {"network": "resnet"}}, []),
        ({"options": {}, "encoder": {"name": "timm:resnet18.a1_in1k"}}, ["apache-2.0"]),
        ({"options": {"network": "torchvision:resnet18"}}, ["is not known here"]),
        ({"options": {"network": "lstm", "vectors": "/data/glove.txt"}}, ["as glove.txt: their"]),
        ({"options": {}, "from": "all of 12 tensors"}, ["(all of 12 tensors)"]),
    ],
)
def test_what_weights_began_with(config: dict[str, Any], words: list[str]) -> None:
    sentences = beginnings(config)
    assert len(sentences) == len(words)
    for sentence, expected in zip(sentences, words, strict=True):
        assert expected in sentence
        assert "/data" not in sentence


def test_licences() -> None:
    assert licence_of("timm:tf_efficientnet_lite0") == "apache-2.0"
    assert licence_of("sentence:all-MiniLM-L6-v2") == "apache-2.0"
    assert licence_of("torchvision:resnet50") is None
