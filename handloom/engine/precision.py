"""Which number formats and memory layouts this machine is fast with; resolved once, recorded."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import nn

from handloom.errors import UserError

PrecisionName = Literal["auto", "float32", "bfloat16"]


def pick_device(name: str = "auto") -> torch.device:
    """The device asked for; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises UserError for a device that does not exist here.
    """
    cuda, mps = torch.cuda.is_available(), _has_mps()
    if name == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    there = ["cpu"] + ["mps"] * mps
    there += ["cuda"] * cuda + [
        f"cuda:{i}" for i in range(torch.cuda.device_count() if cuda else 0)
    ]
    if name not in there:
        raise UserError(f"--device {name}: this machine has {', '.join(there)}")
    return torch.device(name)


@cache
def _has_mps() -> bool:
    """Whether Apple's MPS is here and computes. On virtual machines, such as those of GitHub, it is
    called available and has no memory for the smallest product."""
    if not torch.backends.mps.is_available():
        return False
    try:
        square = torch.ones(8, 8, device="mps")
        return float((square @ square).sum()) == 512
    except RuntimeError:
        return False


@dataclass(frozen=True)
class Precision:
    """What the forward pass of a loss is computed in.

    dtype: bfloat16 for autocast, or None for float32 throughout. Weights, gradients, optimizer
        state and everything an objective computes with `.float()` stay float32.
    """

    device: torch.device
    dtype: torch.dtype | None

    @classmethod
    def resolve(cls, device: torch.device, name: PrecisionName = "auto") -> "Precision":
        """`auto` is bfloat16 where the hardware multiplies it natively.

        Without native support autocast is over twice as slow as float32 on a CPU.
        """
        chosen = name == "bfloat16" or (name == "auto" and _multiplies_bfloat16(device))
        return cls(device, torch.bfloat16 if chosen else None)

    @property
    def name(self) -> PrecisionName:
        return "bfloat16" if self.dtype else "float32"

    def autocast(self, cache: bool = True) -> AbstractContextManager[None]:
        """The context for the forward pass; `cache=False` where it is recorded in a graph."""
        if self.dtype is None:
            return self._float32()
        return torch.autocast(self.device.type, self.dtype, cache_enabled=cache)

    @contextmanager
    def _float32(self) -> Iterator[None]:
        with torch.autocast(self.device.type, enabled=False), self.exact():
            yield

    @contextmanager
    def exact(self) -> Iterator[None]:
        """A context in which float32 is float32, for forward and backward passes alike.

        torch lets cuDNN round what convolutions multiply to TF32, of 10 bits. Two trainings of the
        same seed then ended with weights apart by up to half of 0.001 and 1 % (SimCLR, one epoch,
        H200), and without it with the same to the bit. Nothing happens where the precision is
        another, or where the caller has set convolutions apart from the rest
        (`torch.backends.cudnn.conv.fp32_precision`).
        """
        if self.dtype is not None or self.device.type != "cuda":
            yield
            return
        _TF32.forbid()
        try:
            yield
        finally:
            _TF32.allow_again()


class _Tf32:
    """The process's switch, off as long as any thread computes exactly, and then as it was."""

    def __init__(self) -> None:
        self._lock, self._users, self._before = threading.Lock(), 0, True

    def forbid(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                try:
                    self._before = torch.backends.cudnn.allow_tf32
                except RuntimeError:  # torch's, where convolutions and RNNs were set apart
                    self._before = False
                if self._before:
                    torch.backends.cudnn.allow_tf32 = False

    def allow_again(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._before:
                torch.backends.cudnn.allow_tf32 = True


_TF32 = _Tf32()


def channels_last(network: nn.Module) -> nn.Module:
    """Lay 4-dim weights out as convolution kernels read them fastest (1.5 times on CPUs here)."""
    converted: nn.Module = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return converted


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        has_instructions = (
            torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        )
        return has_instructions and not _is_limited()
    return False


def _is_limited() -> bool:
    """Whether oneDNN was told to leave bfloat16 instructions alone, whatever the processor has.

    It then has no LSTM in bfloat16, and torch, which asks the processor, fails when it calls it.
    """
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("DNNL_MAX_CPU_ISA") or "DEFAULT"
    native = ("DEFAULT", "ALL", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX", "AVX10")
    return not limit.upper().startswith(native)


def wait_for(device: torch.device) -> None:
    """Wait for the device, so that measured seconds include its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
