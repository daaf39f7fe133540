"""Sentence encoders: texts to vectors, from what sentence-transformers publishes.

On disk: modules.json, config.json, tokenizer.json, model.safetensors, a folder with the config of
the pooling, and a module that normalizes. transformers, the extra `sentence`, runs the transformer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from handloom.data.io.storage import data_folder
from handloom.data.io.weights import read_weights
from handloom.data.text.reader import TokenReader, TokenReading
from handloom.data.text.tokenizer import whole_characters
from handloom.encoders.encoder import TextSide, fingerprint
from handloom.encoders.hub import hub_file
from handloom.encoders.weights import WeightsAbsent
from handloom.engine.precision import Precision, PrecisionName, pick_device
from handloom.errors import UserError
from handloom.extras import has, require
from handloom.models.text.sentence import SentenceBackbone, SentencePooling
from handloom.wording import reason

PREFIX = "sentence:"
DEFAULT = f"{PREFIX}all-MiniLM-L6-v2"
HUB = "sentence-transformers"  # whose models are named without an owner
FILES = ("config.json", "tokenizer.json", "model.safetensors", "sentence_bert_config.json")
POOLINGS: dict[str, SentencePooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
}
LONGEST = 512  # tokens, where a model does not say how many it reads
AT_ONCE = 64  # texts
MOST_TOKENS = 1 << 14  # read together, padding included


@dataclass(frozen=True)
class Tokens:
    """Texts as a model's tokens, one after the other: ids int32; length int64 (N,), 1 at least."""

    ids: Tensor
    length: Tensor

    def batches(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Rows, tokens int64 (B, T) padded with 0, and lengths; texts of one length together."""
        starts = self.length.cumsum(0) - self.length
        for rows in torch.split(self.length.argsort(stable=True), AT_ONCE):
            longest = int(self.length[rows].max())
            for part in torch.split(rows, max(1, MOST_TOKENS // longest)):
                column = torch.arange(int(self.length[part].max()))
                place = (starts[part][:, None] + column).clamp(max=len(self.ids) - 1)
                held = column < self.length[part][:, None]
                yield part, self.ids[place].long() * held, self.length[part]


@dataclass(frozen=True)
class SentenceEncoder:
    """Texts to vectors.

    spec: "sentence:NAME". width: D. max_length: tokens read of a text, the first ones. tokenizer:
    tokenizer.json, cut at max_length. sizes: what `sentence_backbone` builds the network from.
    fingerprint: 32 hexadecimal digits over network, weights and tokenizer. weights: their folder.
    """

    spec: str
    width: int
    max_length: int
    tokenizer: dict[str, Any]
    sizes: dict[str, Any]
    fingerprint: str
    network: SentenceBackbone
    precision: Precision
    weights: str

    @property
    def text(self) -> TextSide:
        """As encoders of images and words have it."""
        reading: TokenReading = {"tokenizer": self.tokenizer, "most": self.max_length}

        def tokenize(texts: Sequence[str]) -> tuple[Tensor, ...]:
            return tuple(map(torch.from_numpy, TokenReader(reading)(texts)))

        return TextSide(tokenize, self.network, lambda: reading)

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """float32 (N, D), on the CPU, in the order of the texts."""
        return self.encode(tokens_of(self.tokenizer, texts))

    @torch.no_grad()
    def encode(self, tokens: Tokens) -> Tensor:
        """float32 (N, D), on the CPU, of texts that are tokens already."""
        vectors = torch.empty(len(tokens.length), self.width)
        device = self.precision.device
        for rows, ids, length in tokens.batches():
            with self.precision.autocast():
                vector = self.network(ids.to(device), length.to(device))
            vectors[rows] = vector.float().cpu()
        return vectors


def tokens_of(tokenizer: Mapping[str, Any], texts: Sequence[str]) -> Tokens:
    """Texts as the tokens of tokenizer.json, the special ones among them."""
    from tokenizers import Tokenizer

    opened = Tokenizer.from_str(json.dumps(tokenizer))
    encodings = opened.encode_batch_fast(whole_characters(texts))
    rows = [encoding.ids or [0] for encoding in encodings]
    ids = torch.tensor([i for row in rows for i in row], dtype=torch.int32)
    return Tokens(ids, torch.tensor([len(row) for row in rows], dtype=torch.int64))


def is_sentence(spec: str) -> bool:
    """Whether a name is that of a sentence encoder."""
    return spec.startswith(PREFIX)


def is_at_hand(spec: str, weights: Path | None = None) -> bool:
    """Whether an encoder can be opened without a download."""
    return has("sentence") and local(spec, weights) is not None


def find_sentence(
    spec: str,
    weights: Path | None = None,
    device: torch.device | None = None,
    precision: PrecisionName = "auto",
) -> SentenceEncoder:
    """The encoder of a name, with its weights.

    spec: "sentence:NAME". weights: a folder in sentence-transformers' layout; None takes
    $HANDLOOM_DATA/weights/NAME, or what is published, from the hub's cache or downloaded into it.
    Raises UserError with one sentence, and its kind WeightsAbsent where there are no weights and no
    connection.
    """
    if not spec.removeprefix(PREFIX):
        raise UserError(f"the encoder '{spec}' names no model: write {PREFIX}NAME, as in {DEFAULT}")
    require("sentence", f"the encoder '{spec}'")
    folder = local(spec, weights) or published(spec)
    sizes = _sizes(folder)
    tokenizer, max_length = _tokenizer(folder, sizes)
    network = sentence_backbone(sizes)
    _load(network.body, folder)
    chosen = Precision.resolve(device or pick_device(), precision)
    network.to(chosen.device)
    known = {"tokenizer": tokenizer, "pooling": sizes["pooling"], "normalize": sizes["normalize"]}
    return SentenceEncoder(
        spec=spec,
        width=sizes["width"],
        max_length=max_length,
        tokenizer=tokenizer,
        sizes=sizes,
        fingerprint=fingerprint(spec, known, network.state_dict()),
        network=network,
        precision=chosen,
        weights=str(folder),
    )


def sentence_backbone(sizes: Mapping[str, Any]) -> SentenceBackbone:
    """The network of an encoder by its `sizes`, with weights at random, on the CPU, to evaluate."""
    require("sentence", "this network")
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    settings = dict(sizes["transformer"])
    try:
        config = AutoConfig.for_model(settings.pop("model_type"), **settings)
        body: nn.Module = AutoModel.from_config(config, dtype=torch.float32)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"transformers cannot build the network of this encoder ({reason(error)}): install a "
            "newer transformers, or choose another encoder"
        ) from None
    return SentenceBackbone(body, sizes["pooling"], sizes["normalize"]).eval()


def local(spec: str, weights: Path | None = None) -> Path | None:
    """A folder that is here: the one given, or by name, or of the hub's cache; None for none."""
    if weights is not None:
        if not weights.is_dir():
            raise UserError(
                f"--weights {weights}: give the folder of {spec}, with {', '.join(FILES[:3])}"
            )
        return weights
    kept = data_folder() / "weights" / spec.removeprefix(PREFIX)
    if (kept / "config.json").is_file():
        return kept
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(_repository(spec), "model.safetensors")
    folder = Path(cached).parent if isinstance(cached, str) else None
    return folder if folder is not None and (folder / "modules.json").is_file() else None


def published(spec: str) -> Path:
    """The folder of a model in the hub's cache, downloaded into it."""
    repository = _repository(spec)
    folder = hub_file(spec, repository, ["modules.json"]).parent
    for module in _read(folder / "modules.json"):
        if module["type"].endswith("Pooling"):
            hub_file(spec, repository, [f"{module['path']}/config.json"])
    for file in FILES[:3]:
        hub_file(spec, repository, [file])
    with suppress(WeightsAbsent):  # not every model says how many tokens it reads
        hub_file(spec, repository, [FILES[3]])
    return folder


def _repository(spec: str) -> str:
    name = spec.removeprefix(PREFIX)
    return name if "/" in name else f"{HUB}/{name}"


def _sizes(folder: Path) -> dict[str, Any]:
    """What a folder says of its network: transformer, pooling and normalization."""
    pooling: SentencePooling = "mean"
    normalize = False
    modules = _read(folder / "modules.json")
    for module in modules:
        kind = module["type"].rpartition(".")[2]
        if kind == "Pooling":
            pooling = _pooling(_read(folder / module["path"] / "config.json"), folder)
        elif kind == "Normalize":
            normalize = True
        elif kind != "Transformer":
            raise UserError(
                f"the encoder in {folder} has a module {kind}, which is not supported: choose one "
                "with nothing but a transformer, pooling and normalization"
            )
    transformer = _read(folder / "config.json")
    return {
        "transformer": transformer,
        "pooling": pooling,
        "normalize": normalize,
        "width": int(transformer["hidden_size"]),
    }


def _pooling(config: Mapping[str, Any], folder: Path) -> SentencePooling:
    chosen = [name for name, value in config.items() if name.startswith("pooling_mode") and value]
    named = [POOLINGS[name] for name in chosen if name in POOLINGS]
    if "pooling_mode" in config:  # since version 5 of the library
        named = [value for value in POOLINGS.values() if value == config["pooling_mode"]]
    if len(named) != 1 or len(chosen) > 1:
        raise UserError(
            f"the encoder in {folder} pools by {' and '.join(chosen) or 'nothing'}, and only "
            "mean, cls or max is supported: choose another encoder"
        )
    return named[0]


def _tokenizer(folder: Path, sizes: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """tokenizer.json without padding, cut where the model stops to read; and where that is."""
    from tokenizers import Tokenizer

    settings = folder / "sentence_bert_config.json"
    given = _read(settings).get("max_seq_length") if settings.is_file() else None
    places = sizes["transformer"].get("max_position_embeddings", LONGEST)
    most = int(given or min(places, LONGEST))
    _read(folder / "tokenizer.json")  # says what is wrong with the file
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    record: dict[str, Any] = json.loads(tokenizer.to_str())
    return record, most


def _load(body: nn.Module, folder: Path) -> None:
    state = read_weights(folder / "model.safetensors")
    state = {name.removeprefix("bert."): tensor for name, tensor in state.items()}
    known = body.state_dict()
    for name, tensor in known.items():
        if name not in state or state[name].shape != tensor.shape:
            raise UserError(
                f"{folder / 'model.safetensors'} does not hold the weights of its config.json "
                f"({name} is missing or of another shape): restore both from one copy"
            )
    body.load_state_dict({name: state[name] for name in known})


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read ({reason(error)}): give a folder in sentence-transformers' "
            "layout, with its modules.json, config.json, tokenizer.json and model.safetensors"
        ) from None
