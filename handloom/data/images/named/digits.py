"""The 1,797 handwritten digits of 8x8 pixels that ship inside scikit-learn (Alpaydin, 1998)."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handloom.division.hold_out import hold_out
from handloom.errors import UserError

TEST_FRACTION = 0.2
TEST_SEED = 0  # the test split is the same for every seed a user gives


def read_digits(_: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Splits train (1,438) and test (359): images uint8 (N, 8, 8, 1), labels int64 (N,).

    scikit-learn is looked for but not imported, which would take longer than importing torch.
    """
    values = _values()
    label = values[:, 64].astype(np.int64)
    image = ((values[:, :64] * 255 + 8) // 16).astype(np.uint8).reshape(-1, 8, 8, 1)  # 0..16 there
    count = len(label)
    is_test = np.zeros(count, dtype=bool)
    is_test[hold_out(label, np.arange(count), round(TEST_FRACTION * count), TEST_SEED)] = True
    return {
        "train": (torch.from_numpy(image[~is_test]), torch.from_numpy(label[~is_test])),
        "test": (torch.from_numpy(image[is_test]), torch.from_numpy(label[is_test])),
    }


def _values() -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    sklearn = importlib.util.find_spec("sklearn")
    if sklearn is None or sklearn.origin is None:
        raise UserError(
            "'digits' ships inside scikit-learn, which is missing: pip install scikit-learn"
        )
    path = Path(sklearn.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        text = gzip.decompress(path.read_bytes()).replace(b"\n", b",").rstrip(b",")
    except OSError:
        raise UserError(
            f"'{path}' is missing: pip install --force-reinstall scikit-learn"
        ) from None
    return np.array(text.split(b","), dtype=np.float64).astype(np.int64).reshape(-1, 65)
