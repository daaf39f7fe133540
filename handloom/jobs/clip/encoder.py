"""A CLIP run as an encoder of images and of words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from handloom.data.text.reader import TokenReader, TokenReading
from handloom.data.text.tokenizer import UNKNOWN
from handloom.encoders.encoder import Encoder, TextSide, fingerprint
from handloom.jobs.images.encoding import run_encoder
from handloom.models.clip import CLIP

if TYPE_CHECKING:
    from handloom.jobs.clip.records import Record
    from handloom.jobs.loading import Loaded


class TextVectors(nn.Module):
    """Tokens int64 (B, T) and length (B,) to vectors (B, D)."""

    def __init__(self, network: CLIP) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        return self.network.texts(tokens, length)


class Words:
    """The words that a run knows: those of the captions it was trained on."""

    def __init__(self, run: Loaded[Record]) -> None:
        self.reading: TokenReading = {
            "tokenizer": run.config["tokenizer"], "left_out": [UNKNOWN],
            "most": int(run.config["network"]["max_length"]),
        }  # fmt: skip
        self._reader = TokenReader(self.reading)
        self.unknown = self._reader.unknown

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Tokens int64 (N, T) and lengths (N,); words that are not known are passed over."""
        tokens, length = self._reader(texts)
        return torch.from_numpy(tokens), torch.from_numpy(length)


def encoder(run: Loaded[Record]) -> Encoder:
    """The vectors of a run. The fingerprint is over both networks and the words."""
    network = cast(CLIP, run.networks["network"])
    made = run_encoder(run, network)
    words = Words(run)
    read = words.reading
    name = json.dumps([made.fingerprint, read["tokenizer"], read["most"]], sort_keys=True)
    known = fingerprint(name, made.preprocessing, {})
    side = TextSide(words, TextVectors(network), lambda: read, words.unknown)
    return replace(made, fingerprint=known, text=side)


def text_vectors(run: Loaded[Record], texts: Sequence[str]) -> Tensor:
    """Vectors float32 (N, D) of texts, of length 1, on the CPU."""
    words, network = Words(run), cast(CLIP, run.networks["network"])
    parts = [torch.empty(0, int(run.config["network"]["width"]))]
    for start in range(0, len(texts), 512):
        tokens, length = words(texts[start : start + 512])
        with torch.no_grad():
            vectors = network.texts(tokens.to(run.device), length.to(run.device))
        parts.append(vectors.float().cpu())
    return torch.cat(parts)
