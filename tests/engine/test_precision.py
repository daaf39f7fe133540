"""bfloat16 is chosen where the machine multiplies it natively, and nowhere else."""

import pytest
import torch

from handloom.engine import precision
from handloom.engine.precision import Precision, pick_device
from handloom.errors import UserError

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("limit", "native"),
    [
        ("AVX2", False),
        ("AVX512_CORE", False),
        ("AVX512_CORE_VNNI", False),
        ("avx512_core_bf16", True),
        ("AVX512_CORE_AMX", True),
        ("DEFAULT", True),
    ],
)
def test_a_limit_of_onednn_is_heeded(
    monkeypatch: pytest.MonkeyPatch, limit: str, native: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert Precision.resolve(CPU).name == ("bfloat16" if native else "float32")
    assert Precision.resolve(CPU, "bfloat16").name == "bfloat16"


def test_a_processor_without_the_instructions_computes_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    assert Precision.resolve(CPU).name == "float32"


def test_a_device_that_is_not_here_is_refused() -> None:
    with pytest.raises(UserError, match="--device tpu: this machine has cpu"):
        pick_device("tpu")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="of machines without MPS")
def test_an_mps_that_does_not_compute_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on virtual machines, which say that it is there; here the product raises for good."""
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    precision._has_mps.cache_clear()
    try:
        assert pick_device("auto") == CPU
        with pytest.raises(UserError, match=r"--device mps: this machine has cpu$"):
            pick_device("mps")
    finally:
        precision._has_mps.cache_clear()


@pytest.mark.parametrize("is_allowed", [True, False])
def test_float32_on_a_card_is_not_rounded_to_tf32(is_allowed: bool) -> None:
    cudnn, before = torch.backends.cudnn, torch.backends.cudnn.allow_tf32
    cudnn.allow_tf32 = is_allowed
    try:
        for asked, inside in (
            (Precision(torch.device("cuda"), None), False),
            (Precision(CPU, None), is_allowed),
        ):
            for context in (asked.autocast(), asked.exact()):
                with context:
                    assert cudnn.allow_tf32 is inside
                assert cudnn.allow_tf32 is is_allowed
        with Precision(torch.device("cuda"), torch.bfloat16).exact():
            assert cudnn.allow_tf32 is is_allowed
    finally:
        cudnn.allow_tf32 = before


def test_threads_that_compute_exactly_share_the_switch() -> None:
    exact, cudnn = Precision(torch.device("cuda"), None), torch.backends.cudnn
    assert cudnn.allow_tf32
    first, second = exact.exact(), exact.exact()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)  # the first to come is the first to go
    assert not cudnn.allow_tf32
    second.__exit__(None, None, None)
    assert cudnn.allow_tf32


def test_what_a_caller_chose_for_convolutions_apart_is_left() -> None:
    conv = torch.backends.cudnn.conv
    before, conv.fp32_precision = conv.fp32_precision, "ieee"
    try:
        with Precision(torch.device("cuda"), None).exact():
            assert conv.fp32_precision == "ieee"
        assert conv.fp32_precision == "ieee"
    finally:
        conv.fp32_precision = before
