"""What several tests of the engine share: a stream of batches, and a guard against waiting."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

WAITING = {
    "aten::_local_scalar_dense",  # .item(), bool(tensor), float(tensor)
    "aten::nonzero",
    "aten::masked_select",
    "aten::_unique2",
    "aten::unique_dim",
    "aten::equal",
    "aten::is_nonzero",
    "aten::repeat_interleave.Tensor",
}


class NoWaiting(TorchDispatchMode):
    """Raises where an operator makes a GPU's host wait, so that a CPU can test for it."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func.name()
        mask = name.startswith(("aten::index.", "aten::index_put")) and any(
            i is not None and i.dtype in (torch.bool, torch.uint8) for i in args[1]
        )
        if name in WAITING or mask:
            raise AssertionError(f"{name} waits for the device")
        return func(*args, **(kwargs or {}))


@pytest.fixture
def no_waiting() -> Callable[[], AbstractContextManager[None]]:
    """Within it nothing may wait, in backward passes neither."""

    @contextmanager
    def guard() -> Iterator[None]:
        with NoWaiting():
            yield

    return guard


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test begins with the same numbers."""
    torch.manual_seed(0)
