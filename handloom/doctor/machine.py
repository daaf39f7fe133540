"""The machine: Python and the libraries, devices, and number formats."""

import os
import platform
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.doctor.check import Check
from handloom.wording import reason

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from handloom.engine.precision import Precision

GROUP = "machine"
SIDE = 24  # of the images that are convolved to see whether a device computes
# Relative to the largest value. Cards convolve float32 in TF32, with 10 bits behind the point.
CLOSE = {"float32": 5e-3, "bfloat16": 5e-2}


def python(_: Path) -> Check:
    """Which Python, on how many cores."""
    cores = os.cpu_count()
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores"
    return Check(GROUP, "python", "works", text)


def libraries(_: Path) -> Check:
    """Whether every library that the package needs is installed, and new enough."""
    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in metadata.requires("handloom") or ()]
    wrong, seen = [], 0
    for requirement in needed:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        seen += 1
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            version = ""
        if not version or not requirement.specifier.contains(version, prereleases=True):
            wrong.append((str(requirement), version or "not installed"))
    if wrong:
        text = ", ".join(f"{name} is needed, and it is {version}" for name, version in wrong)
        names = " ".join(f"'{name}'" for name, _ in wrong)
        return Check(GROUP, "libraries", "failed", text, f"pip install {names}")
    return Check(GROUP, "libraries", "works", f"all {seen} are installed, in versions that do")


def torch_version(_: Path) -> Check:
    """PyTorch and torchvision, which must have been built for one another."""
    import torch

    versions = f"torch {torch.__version__}"
    try:
        import torchvision
        from torchvision.ops import nms

        nms(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.ones(1), 0.5)
    except Exception as error:  # an operator that does not exist, a library that does not load
        text = f"{versions}, and torchvision does not fit it ({reason(error)})"
        return Check(GROUP, "torch", "failed", text, "pip install --upgrade torch torchvision")
    return Check(GROUP, "torch", "works", f"{versions}, torchvision {torchvision.__version__}")


def device(_: Path) -> Check:
    """The device that `--device auto` takes, and whether it computes what the CPU computes."""
    from handloom.engine.precision import Precision, pick_device

    chosen = pick_device()
    text = f"{_device_name(chosen)} ({chosen.type})"
    wrong = _difference(Precision(chosen, None))
    if wrong:
        return Check(GROUP, "device", "failed", f"{text} {wrong}", "train with --device cpu")
    unused = _unused_card()
    return Check(GROUP, "device", "works", text + unused[0], unused[1])


def bfloat16(_: Path) -> Check:
    """Whether the device multiplies bfloat16 natively, and if so whether it does so rightly."""
    from handloom.engine.precision import Precision, pick_device

    precision = Precision.resolve(pick_device())
    if precision.dtype is None:
        return Check(GROUP, "bfloat16", "works", "not native here: float32 is used")
    wrong = _difference(precision)
    if wrong:
        return Check(GROUP, "bfloat16", "failed", wrong, "train with --precision float32")
    return Check(GROUP, "bfloat16", "works", "native here, and used")


CHECKS: dict[str, Callable[[Path], Check]] = {
    "python": python,
    "libraries": libraries,
    "torch": torch_version,
    "device": device,
    "bfloat16": bfloat16,
}


def _difference(precision: "Precision") -> str:
    """How the device differs from the CPU in float64, beyond rounding; "" where it does not."""
    import torch

    torch.manual_seed(0)
    image = torch.randn(2, 3, SIDE, SIDE, dtype=torch.float64)
    kernel = torch.randn(8, 3, 3, 3, dtype=torch.float64)
    expected = _computed(image, kernel)
    with precision.autocast():
        here = [tensor.float().to(precision.device) for tensor in (image, kernel)]
        computed = _computed(*here).double().cpu()
    error = float((computed - expected).abs().max() / expected.abs().max())
    if error <= CLOSE[precision.name]:
        return ""
    return f"computes wrong numbers in {precision.name} (a convolution is off by {error:.1%})"


def _computed(image: "Tensor", kernel: "Tensor") -> "Tensor":
    """A convolution and a matrix product: (B, C, H, W), (D, C, 3, 3) to (B, D, D)."""
    from torch.nn.functional import conv2d

    maps = conv2d(image, kernel).flatten(2)  # (B, D, P)
    return maps @ maps.mT


def _device_name(chosen: "torch.device") -> str:
    import torch

    if chosen.type == "cuda":
        count = torch.cuda.device_count()
        return torch.cuda.get_device_name() + (f" and {count - 1} more" if count > 1 else "")
    if chosen.type == "mps":
        return "the GPU of this Mac"
    return "the processor"


def _unused_card() -> tuple[str, str]:
    """What to add where there is a card of NVIDIA's that torch does not use, and the remedy."""
    import torch

    has_driver = Path("/proc/driver/nvidia/version").exists()
    if torch.cuda.is_available() or not has_driver:
        return "", ""
    built = torch.version.cuda
    why = f"torch was built for CUDA {built}" if built else "this torch was built without CUDA"
    remedy = "install the torch that https://pytorch.org/get-started names for the driver's CUDA"
    return f"; there is a driver for NVIDIA cards, and {why}", remedy
