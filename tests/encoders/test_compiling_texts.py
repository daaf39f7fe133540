"""Texts that encoders read, as files of ONNX Runtime: the same vectors as torch's, or none."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from handloom import encoders
from handloom.data.io.compiled import REFUSED, name_of
from handloom.data.io.storage import cache_folder
from handloom.encoders import Encoder
from handloom.encoders.compiled import CompiledNetwork, key_of, open_compiled
from handloom.encoders.compiling import compile_texts
from handloom.encoders.encoder import TextSide
from handloom.encoders.sentence import find_sentence
from handloom.extras import has
from tests.encoders.test_clip import CONFIG
from tests.encoders.test_clip import NEEDS_LIBRARY as NEEDS_CLIP
from tests.encoders.test_clip import small as small_clip  # noqa: F401 (a fixture)
from tests.encoders.test_sentence import NEEDS_LIBRARY as NEEDS_TRANSFORMERS
from tests.encoders.test_sentence import small as small_sentence  # noqa: F401 (a fixture)

pytestmark = [
    pytest.mark.skipif(not has("export"), reason="onnx, onnxscript, onnxruntime missing"),
    pytest.mark.usefixtures("quick_exports"),
]
TEXTS = [
    "a red dress",
    "Très &amp; chic — 50 %",
    "",
    "shoes " * 40,
    "cut within \ud83d",
    "very fine film",
    *"abcdefg" * 10,
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one."""
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))


def encoder_of(folder: Path) -> Encoder:
    return encoders.find(f"clip:{folder}", None, torch.device("cpu"), "float32")


def compiled(encoder: Encoder) -> CompiledNetwork | None:
    assert encoder.text is not None
    return compile_texts(encoder.fingerprint, encoder.text)


def assert_same(found: CompiledNetwork | None, wanted: Tensor, texts: list[str]) -> None:
    assert found is not None
    torch.testing.assert_close(torch.from_numpy(found.texts(texts)), wanted, rtol=1e-3, atol=1e-4)
    assert found.texts([]).shape == (0, wanted.shape[1])


@NEEDS_CLIP
def test_words_have_the_vectors_of_open_clip(small_clip: Path) -> None:  # noqa: F811
    encoder = encoder_of(small_clip)
    assert_same(compiled(encoder), encoder.texts(TEXTS), TEXTS)
    code = """
import sys
from handloom.encoders.compiled import open_compiled
compiled = open_compiled(sys.argv[1], "texts")
print(compiled.texts(["a red dress"]).shape, {"torch", "open_clip"} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", code, encoder.fingerprint], text=True, check=True,
                         stdout=subprocess.PIPE)  # fmt: skip
    assert ran.stdout == "(1, 16) set()\n"


@NEEDS_TRANSFORMERS
def test_sentences_have_the_vectors_of_transformers(small_sentence: Path) -> None:  # noqa: F811
    encoder = find_sentence("sentence:small", small_sentence, torch.device("cpu"), "float32")
    found = compile_texts(encoder.fingerprint, encoder.text)
    assert_same(found, encoder(TEXTS), TEXTS)


@NEEDS_CLIP
@NEEDS_TRANSFORMERS
@pytest.mark.parametrize("clean", ["canonicalize", "whitespace"])
def test_words_of_a_library_s_tokenizer(
    small_sentence: Path,  # noqa: F811
    tmp_path: Path,
    clean: str,
) -> None:
    """As networks of open_clip with another text encoder have them."""
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    config = json.loads(json.dumps(CONFIG))
    config["model_cfg"]["text_cfg"] |= {
        "hf_tokenizer_name": "any", "vocab_size": 20, "tokenizer_kwargs": {"clean": clean}
    }  # fmt: skip
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
    about = {"tokenizer_class": "PreTrainedTokenizerFast", **special, "sep_token": "[SEP]"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(about))
    (tmp_path / "tokenizer.json").write_bytes((small_sentence / "tokenizer.json").read_bytes())
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    save_file(CLIP(**json.loads(json.dumps(config["model_cfg"]))).state_dict(),
              tmp_path / "open_clip_model.safetensors")  # fmt: skip
    encoder = encoder_of(tmp_path)
    texts = ["A fine film, very!", "", "a " * 30]
    assert_same(compiled(encoder), encoder.texts(texts), texts)


@NEEDS_CLIP
@pytest.mark.parametrize("change", ["another reading", "no reading"])
def test_words_that_are_read_otherwise_are_left_to_torch(
    small_clip: Path,  # noqa: F811
    change: str,
) -> None:
    encoder = encoder_of(small_clip)
    assert encoder.text is not None
    reading = encoder.text.reading()
    assert reading is not None
    other = None if change == "no reading" else reading | {"clean": "whitespace"}
    odd = replace(encoder, text=replace(encoder.text, reading=lambda: other))  # type: ignore[arg-type]
    assert compiled(odd) is None
    assert (cache_folder() / name_of(key_of(odd.fingerprint, "texts")) / REFUSED).is_file()
    assert open_compiled(odd.fingerprint, "texts") is None


@NEEDS_CLIP
def test_weights_of_images_are_no_part_of_it(
    small_clip: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = encoder_of(small_clip)
    assert isinstance(encoder.text, TextSide)
    assert sum(each.numel() for each in encoder.network.parameters()) > 0
    names = [name for name, _ in encoder.text.network.named_parameters()]
    assert names
    assert not [name for name in names if "visual" in name]
    monkeypatch.setattr("handloom.encoders.compiling.MOST_WEIGHTS", 1_000)
    assert compiled(encoder) is None
    assert isinstance(encoder.network, nn.Module)
