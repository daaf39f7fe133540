"""CLIP: a small network at random in open_clip's own layout, and names of published ones."""

import json
import shutil
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom import encoders
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError

NEEDS_LIBRARY = pytest.mark.skipif(
    find_spec("open_clip") is None, reason="needs the extra 'clip' (open_clip_torch)"
)
CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16,
                       "patch_size": 16},
        "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2,
                     "layers": 1},
    },
    "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.3], "resize_mode": "squash"},
}  # fmt: skip


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as open_clip saves it, of a network at random."""
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("clip") / "small"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG))
    torch.manual_seed(0)
    state = CLIP(**json.loads(json.dumps(CONFIG["model_cfg"]))).state_dict()
    save_file(
        {key: value.clone() for key, value in state.items()}, folder / "open_clip_model.safetensors"
    )
    return folder


@NEEDS_LIBRARY
def test_vectors_are_those_of_open_clip(small: Path) -> None:
    import open_clip
    from open_clip.transform import PreprocessCfg, image_transform_v2
    from PIL import Image

    encoder = encoders.find(f"clip:{small}", device=torch.device("cpu"), precision="float32")
    assert encoder.width == 16
    model: Any = open_clip.create_model(f"local-dir:{small}").eval()
    words = ["a red dress", "", "shoes " * 40]  # the last is cut after 12 tokens
    tokens = open_clip.get_tokenizer(f"local-dir:{small}")(words)
    image = Image.linear_gradient("L").convert("RGB").resize((32, 32))
    transform = image_transform_v2(PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)
    with torch.no_grad():
        expected = model.encode_text(tokens)
        seen = model.encode_image(transform(image)[None])
    assert torch.allclose(encoder.texts(words), expected, atol=1e-5)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(1, 32, 32, 3)
    assert torch.allclose(encoder(pixels), seen, atol=1e-5)


@NEEDS_LIBRARY
def test_in_python_words_and_images_can_be_compared(small: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    from PIL import Image

    encoder = handloom.encoder(small)  # the folder itself is enough
    path = tmp_path / "image.png"
    Image.linear_gradient("L").save(path)
    assert encoder(path).shape == encoder.texts("a dress").shape == (16,)
    column = pandas.DataFrame({"image": [str(path)] * 3})
    assert encoder(column.image).shape == (3, 16)
    assert encoder.texts(["a", "b"]).norm(dim=1).tolist() == pytest.approx([1, 1])
    assert encoder.texts([]).shape == (0, 16)
    assert column.image.map(encoder)[2].shape == (16,)


@NEEDS_LIBRARY
def test_the_fingerprint_is_over_both_towers_and_not_over_the_place(
    small: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    first = encoders.find(f"clip:{small}")
    state = load_file(small / "open_clip_model.safetensors")
    torch.save({"state_dict": state}, tmp_path / "same.pt")
    assert encoders.find(f"clip:{small}", tmp_path / "same.pt").fingerprint == first.fingerprint
    copied = tmp_path / "copied"
    copied.mkdir()
    (copied / "open_clip_config.json").write_bytes((small / "open_clip_config.json").read_bytes())
    save_file(state, copied / "open_clip_model.safetensors")
    assert encoders.find(f"clip:{copied}").fingerprint == first.fingerprint
    state["text_projection"] = state["text_projection"] + 1
    save_file(state, copied / "open_clip_model.safetensors")
    assert encoders.find(f"clip:{copied}").fingerprint != first.fingerprint


@NEEDS_LIBRARY
@pytest.mark.parametrize("is_its_own", [True, False])
def test_a_tokenizer_in_the_folder_is_part_of_the_fingerprint(
    small: Path, tmp_path: Path, is_its_own: bool
) -> None:
    """Of a network that reads by it; open_clip's own tokenizer passes over such files."""
    folder = shutil.copytree(small, tmp_path / "other")
    config = json.loads(json.dumps(CONFIG))
    if is_its_own:
        config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "a/b"
        (folder / "open_clip_config.json").write_text(json.dumps(config))
    found = set()
    for vocabulary in ("{}", '{"a": 1}', '{"a": 2}'):
        (folder / "tokenizer.json").write_text(vocabulary)
        found.add(encoders.find(f"clip:{folder}").fingerprint)
    assert len(found) == (3 if is_its_own else 1)
    if not is_its_own:
        assert found == {encoders.find(f"clip:{small}").fingerprint}


@NEEDS_LIBRARY
def test_one_sentence_for_each_fault(small: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    state = load_file(small / "open_clip_model.safetensors")
    torch.save({k: v for k, v in state.items() if "visual" in k}, tmp_path / "half.pt")
    with pytest.raises(UserError, match="does not hold the weights of clip"):
        encoders.find(f"clip:{small}", tmp_path / "half.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)).save(tmp_path / "openai.pt")
    with pytest.raises(UserError, match="an archive of TorchScript, which holds code"):
        encoders.find(f"clip:{small}", tmp_path / "openai.pt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "open_clip_config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(WeightsAbsent, match="has no weights"):
        encoders.find(str(tmp_path / "empty"))
    (tmp_path / "empty" / "open_clip_config.json").write_text("{")
    with pytest.raises(UserError, match="cannot be read"):
        encoders.find(f"clip:{tmp_path / 'empty'}")
    with pytest.raises(UserError, match="does not exist"):
        encoders.find("clip:./nowhere")


@NEEDS_LIBRARY
@pytest.mark.parametrize(
    ("name", "match"),
    [("ViT-B-33", "did you mean 'clip:ViT-B-32'"), ("ViT-B-32.laion", "it has openai, laion400m"),
     ("coca_ViT-B-32", "CoCa")],
)  # fmt: skip
def test_names(name: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        encoders.preprocessing(f"clip:{name}")


@NEEDS_LIBRARY
def test_a_tag_brings_its_own_activation_and_images() -> None:
    from handloom.encoders.clip import _of_name

    assert _of_name("ViT-B-32").model["quick_gelu"] is False  # datacomp_xl
    assert _of_name("ViT-B-32.openai").model["quick_gelu"] is True
    assert _of_name("ViT-B-16-SigLIP").images["mean"] == (0.5, 0.5, 0.5)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    with pytest.raises(UserError, match="clip:ViT-B-32 needs open_clip_torch, which is missing"):
        encoders.find("clip:ViT-B-32")


def test_words_for_an_encoder_of_images_alone() -> None:
    with pytest.raises(UserError, match="the encoder pixels reads no words"):
        encoders.find("pixels").texts(["a dress"])
