"""Networks of encoders compiled for ONNX Runtime, and where that is the faster way to encode.

On a CPU in float32 it runs networks with batch norms 1.1 to 2.3 times as fast as torch does, and
others no faster (docs/benchmarks/encoders.md). bfloat16, where a processor multiplies it, is two to
three times as fast for most; with depthwise convolutions it depends on the make of the processor.
"""

import copy
import json
import zlib
from collections.abc import Callable

import torch
from torch import Tensor, nn

from handloom.data.io.cache import limit_bytes
from handloom.data.io.onnx import OPSET, quiet
from handloom.data.io.storage import cache_folder, shrink
from handloom.encoders.compiled import (
    CHECKSUM,
    FILE,
    KEY,
    CompiledNetwork,
    folder_of,
    open_compiled,
    opened,
)
from handloom.encoders.encoder import Encoder
from handloom.encoders.fold import folded
from handloom.extras import has
from handloom.runs.files import write_whole
from handloom.waiting import doing

TOLERANCE = 1e-3  # of the norm of the features
# Bytes of weights. Compiling holds them about five times: 350 MB took the peak of a process from
# 1.6 to 3.2 GB, and a machine that is out of memory kills what it runs.
MOST_WEIGHTS = 500_000_000
Encode = Callable[[Tensor], Tensor]  # uint8 (N, H, W, C) to features float32 (N, D)
REPAID = 400  # images; compiling takes 4 s of a processor, and saves 10 ms an image


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
    if count < REPAID or not _is_faster_compiled(encoder):
        return encoder
    compiled = compile_network(encoder)
    return encoder if compiled is None else _batched(compiled, encoder.batch)


def compile_network(encoder: Encoder) -> CompiledNetwork | None:
    """The compiled network of an encoder, written first where it is not there yet.

    None where the libraries for it are missing, for networks of more than MOST_WEIGHTS, where ONNX
    has no operator for a part, where the file computes something else, and where it has no room.
    """
    if not has("export"):
        return None
    there = _there(encoder)
    if there is not None:
        return there
    if sum(weight.nbytes for weight in encoder.network.parameters()) > MOST_WEIGHTS:
        return None
    network = copy.deepcopy(encoder.network).cpu().float()
    example = _example(encoder)
    module = OfPixels(folded(network, example[:1].permute(0, 3, 1, 2).float() / 255)).eval()
    with doing("preparing the network for ONNX Runtime"), torch.no_grad():
        try:
            content = _written(module.requires_grad_(False), example, encoder)
            compiled = opened(content, torch.get_num_threads())
            if compiled is None or not _is_equal(compiled, module, example):
                return None
            _keep(encoder, content)  # now: another process trusts what is there
        except Exception:  # torch raises whatever its tracer meets; the network is there without it
            return None
    return compiled


def _there(encoder: Encoder) -> CompiledNetwork | None:
    return open_compiled(encoder.fingerprint, torch.get_num_threads())


def _is_faster_compiled(encoder: Encoder) -> bool:
    is_float = encoder.precision.dtype is None and encoder.precision.device.type == "cpu"
    return is_float and any(isinstance(part, nn.BatchNorm2d) for part in encoder.network.modules())


def _batched(compiled: CompiledNetwork, batch: int) -> Encode:
    """In batches of one size, as the encoder does."""

    def run(images: Tensor) -> Tensor:
        parts = []
        for rows in images.split(batch):
            filled = torch.cat([rows, rows[-1:].expand(batch - len(rows), -1, -1, -1)])
            parts.append(torch.from_numpy(compiled(filled.numpy()))[: len(rows)])
        return torch.cat(parts)

    return run


def _example(encoder: Encoder) -> Tensor:
    """Two images of noise: a graph made of one would hold for one alone."""
    height, width = encoder.preprocessing["size"]
    shape = (2, height, width, encoder.preprocessing["channels"])
    noise = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=noise, dtype=torch.uint8)


def _written(module: nn.Module, example: Tensor, encoder: Encoder) -> bytes:
    with quiet():
        made = torch.onnx.export(
            module, (example,), input_names=["pixels"], output_names=["features"],
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            opset_version=OPSET, dynamo=True, verbose=False,
        )  # fmt: skip
    assert made is not None
    made.model.metadata_props[KEY] = json.dumps({"preprocessing": encoder.preprocessing})
    import onnx_ir

    content: bytes = onnx_ir.serde.serialize_model(made.model).SerializeToString()
    return content


def _keep(encoder: Encoder, content: bytes) -> None:
    folder = folder_of(encoder.fingerprint)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FILE, content)
    write_whole(folder / CHECKSUM, str(zlib.crc32(content)).encode())
    (folder / "used").touch()
    shrink(cache_folder(), limit_bytes(), folder)


def _is_equal(compiled: CompiledNetwork, module: nn.Module, example: Tensor) -> bool:
    wanted: Tensor = module(example)
    difference = torch.linalg.vector_norm(torch.from_numpy(compiled(example.numpy())) - wanted)
    return bool(difference <= TOLERANCE * torch.linalg.vector_norm(wanted))
