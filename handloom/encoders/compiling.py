"""Networks of encoders compiled for ONNX Runtime, and where that is the faster way to encode.

On a CPU in float32 it runs networks with batch norms 1.1 to 2.3 times as fast as torch does, and
others no faster (docs/benchmarks/encoders.md). bfloat16, where a processor multiplies it, is two to
three times as fast for most, but not for those with depthwise convolutions, which therefore encode
in float32: what is compiled then gives the answers that torch does.
"""

import copy
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from handloom.data.io.compiled import FILE, MOST_WEIGHTS, is_worth_it, keep
from handloom.data.io.onnx import OPSET, quiet, without_inplace
from handloom.data.text.reader import TokenReader, TokenReading
from handloom.encoders.compiled import (
    KEY,
    CompiledNetwork,
    CompiledRecord,
    Side,
    key_of,
    open_compiled,
    opened,
)
from handloom.encoders.encoder import Encoder, TextSide
from handloom.encoders.fold import folded
from handloom.engine.precision import Precision
from handloom.extras import has
from handloom.models.layers.depthwise import is_depthwise
from handloom.waiting import doing

TOLERANCE = 1e-3  # of the norm of the features
Encode = Callable[[Tensor], Tensor]  # uint8 (N, H, W, C) to features float32 (N, D)
REPAID = 250  # images; compiling takes 5 s of a processor, and saves 18 ms an image
SPEED_UP = 2.3  # of the default encoder, where torch's is 1 (docs/benchmarks/encoders.md)
SAMPLES = (
    "a photo of a red dress", "", "Don't — it's 50 % off!", "café &amp; crème", "一件红色的连衣裙",
    "Schuhe, größe 42", "👗👠 <end_of_text> x_y", "shoes and socks and 9 hats " * 60,
)  # fmt: skip
"""Texts on which ways to read them differ where they differ at all."""


class Parts(NamedTuple):
    """What is compiled. module: to features float32 (N, D). example: its inputs, by their names.
    free: their sizes that may be others. known: see `CompiledRecord`."""

    module: nn.Module
    example: dict[str, Tensor]
    free: tuple[dict[int, Any], ...]
    known: CompiledRecord


class OfPixels(nn.Module):
    """uint8 (N, H, W, C) to features float32 (N, D)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        image = pixels.permute(0, 3, 1, 2).contiguous().float() / 255
        features: Tensor = self.network(image)
        return features.float()


def fastest(encoder: Encoder, count: int) -> Encode:
    """What encodes so many images fastest here: uint8 (N, H, W, C) to features float32 (N, D).

    It is the encoder, or its network compiled where that repays: whether it is in the cache already
    makes no difference, or features would depend on what else was done on this machine.
    """
    if not _is_compiled(encoder, count):
        return encoder
    compiled = compile_images(encoder)
    return encoder if compiled is None else _batched(compiled, encoder.batch)


def speed_up(encoder: Encoder, count: int) -> float:
    """How many times as fast as the encoder itself `fastest` is, about."""
    return SPEED_UP if _is_compiled(encoder, count) else 1.0


def quickest(network: nn.Module, precision: Precision) -> Precision:
    """What a network is best run in, where nothing is asked for: float32 in place of bfloat16 on a
    CPU where that is compiled and at least as fast, which it is with depthwise convolutions."""
    has_depthwise = any(map(is_depthwise, network.modules()))
    exact = Precision(precision.device, None)
    return exact if has_depthwise and _can_be_compiled(network, exact) else precision


def compile_images(encoder: Encoder) -> CompiledNetwork | None:
    """The compiled network of an encoder, written first where it is not there yet.

    None where the libraries for it are missing, for networks of more than MOST_WEIGHTS, where ONNX
    has no operator for a part, where the file computes something else, and where it has no room.
    """
    return _compiled(encoder.fingerprint, "images", encoder.network, lambda: _of_images(encoder))


def compile_texts(fingerprint: str, text: TextSide) -> CompiledNetwork | None:
    """As `compile_images`, of what reads the texts of an encoder; also None where its tokens are
    made in a way that `TokenReader` does not have."""
    return _compiled(fingerprint, "texts", text.network, lambda: _of_texts(text))


def can_be_compiled(fingerprint: str, side: Side, module: nn.Module) -> bool:
    """Whether it is worth a try: the libraries are here, the network is not too large, and it is
    asked for not for the first time (`is_worth_it`)."""
    return not _is_large(module) and has("export") and is_worth_it(key_of(fingerprint, side))


def _compiled(
    fingerprint: str, side: Side, module: nn.Module, make: Callable[[], Parts | None]
) -> CompiledNetwork | None:
    def there() -> CompiledNetwork | None:
        return open_compiled(fingerprint, side, torch.get_num_threads(), prepacks=True)

    if _is_large(module) or not has("export"):
        return None
    with doing("preparing the network for ONNX Runtime"):
        keep(key_of(fingerprint, side), partial(_is_written, make), lambda: bool(there()))
    return there()


@torch.no_grad()
def _is_written(make: Callable[[], Parts | None], folder: Path) -> bool:
    """Write the files of a network; False where none compute the same."""
    parts = make()
    if parts is None:
        return False
    parts.module.eval().requires_grad_(False)
    without_inplace(parts.module)
    _write(parts, folder)
    compiled = opened(folder, torch.get_num_threads())
    return compiled is not None and _is_equal(compiled, parts)


def _is_compiled(encoder: Encoder, count: int) -> bool:
    return count >= REPAID and _can_be_compiled(encoder.network, encoder.precision)


def _can_be_compiled(network: nn.Module, precision: Precision) -> bool:
    """Whether compiling makes a network faster, and the libraries for it are here."""
    is_float = precision.dtype is None and precision.device.type == "cpu"
    has_norms = any(isinstance(part, nn.BatchNorm2d) for part in network.modules())
    return is_float and has_norms and has("export") and not _is_large(network)


def _is_large(network: nn.Module) -> bool:
    return sum(weight.nbytes for weight in network.parameters()) > MOST_WEIGHTS


def _batched(compiled: CompiledNetwork, batch: int) -> Encode:
    """In batches of one size, as the encoder does."""

    def run(images: Tensor) -> Tensor:
        parts = []
        for rows in images.split(batch):
            filled = torch.cat([rows, rows[-1:].expand(batch - len(rows), -1, -1, -1)])
            parts.append(torch.from_numpy(compiled.images(filled.numpy()))[: len(rows)])
        return torch.cat(parts)

    return run


def _of_images(encoder: Encoder) -> Parts:
    """With two images of noise: a graph made of one would hold for one alone."""
    height, width = encoder.preprocessing["size"]
    shape = (2, height, width, encoder.preprocessing["channels"])
    noise = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, shape, generator=noise, dtype=torch.uint8)
    network = copy.deepcopy(encoder.network).cpu().float()
    module = OfPixels(folded(network, pixels[:1].permute(0, 3, 1, 2).float() / 255))
    free = ({0: torch.export.Dim("batch", min=1)},)
    return Parts(module, {"pixels": pixels}, free, {"preprocessing": encoder.preprocessing})


def _of_texts(text: TextSide) -> Parts | None:
    reading = text.reading()
    if reading is None:
        return None
    samples = _samples(reading)
    tokens = text.tokenize(samples)
    read = map(torch.from_numpy, TokenReader(reading)(samples))
    if not all(torch.equal(*pair) for pair in zip(tokens, read, strict=False)):
        return None
    batch = {0: torch.export.Dim("batch", min=1)}
    time = {1: torch.export.Dim("time", min=1, max=reading["most"])}  # where lengths are given too
    free = (batch,) if len(tokens) == 1 else (batch | time, batch)
    network = copy.deepcopy(text.network).cpu().float()
    example = dict(zip(("tokens", "length"), tokens, strict=False))
    return Parts(network, example, free, {"reading": reading})


def _samples(reading: TokenReading) -> list[str]:
    """Texts of any kind, and some of the words that are known."""
    words = TokenReader(reading).words()
    return [*SAMPLES, *(" ".join(words[:count]) for count in (3, 20, 400))]


def _write(parts: Parts, folder: Path) -> None:
    """With the weights in a file of their own, which is mapped and not read whole."""
    with quiet():
        made = torch.onnx.export(
            parts.module, tuple(parts.example.values()), input_names=[*parts.example],
            output_names=["features"], dynamic_shapes=parts.free, opset_version=OPSET,
            dynamo=True, verbose=False,
        )  # fmt: skip
    assert made is not None
    made.model.metadata_props[KEY] = json.dumps(parts.known)
    made.save(folder / FILE, external_data=True)


def _is_equal(compiled: CompiledNetwork, parts: Parts) -> bool:
    example = parts.example.values()
    wanted: Tensor = parts.module(*example)
    given = torch.from_numpy(compiled.run(*(each.numpy() for each in example)))
    difference = torch.linalg.vector_norm(given - wanted)
    return bool(difference <= TOLERANCE * torch.linalg.vector_norm(wanted))
