"""What a figure was measured on, in a few words."""

import platform
from pathlib import Path

import torch


def machine() -> str:
    """Processor, threads and torch's version; whether bfloat16 is native decides much on a CPU."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if (
        cpu.exists()) else []  # fmt: skip
    name = names[0].partition(":")[2].strip() if names else platform.machine()
    native = ", native bfloat16" if torch.cpu._is_avx512_bf16_supported() else ""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{name}{native}, {torch.get_num_threads()} threads{gpu}, torch {torch.__version__}"
