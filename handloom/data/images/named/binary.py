"""Sets published in formats of their own: STL-10's plain bytes and SVHN's MATLAB files."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handloom.errors import UserError


def read_stl10(folder: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Splits train (5,000) and test (8,000) of STL-10 (Coates et al., 2011): uint8 (N, 96, 96, 3).

    The files hold (N, C, W, H), labels 1..10; the unlabelled 100,000 are left alone.
    """
    splits: dict[str, tuple[Tensor, Tensor | None]] = {}
    for split in ("train", "test"):
        values = np.fromfile(folder / f"{split}_X.bin", np.uint8)
        label = np.fromfile(folder / f"{split}_y.bin", np.uint8).astype(np.int64) - 1
        if values.size != len(label) * 3 * 96 * 96:
            raise UserError(
                f"'{folder / f'{split}_X.bin'}' is truncated: delete it and download it again"
            )
        image = torch.from_numpy(values.reshape(-1, 3, 96, 96)).permute(0, 3, 2, 1).contiguous()
        splits[split] = (image, torch.from_numpy(label))
    return splits


def read_svhn(folder: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Splits train (73,257) and test (26,032) of SVHN (Netzer et al., 2011): uint8 (N, 32, 32, 3).

    The files hold (H, W, C, N) and the label 10 for the digit 0.
    """
    try:
        from scipy.io import loadmat
    except ImportError:
        raise UserError(
            "'svhn' comes as MATLAB files, which scipy reads: pip install scipy"
        ) from None
    splits: dict[str, tuple[Tensor, Tensor | None]] = {}
    for split in ("train", "test"):
        path = folder / f"{split}_32x32.mat"
        try:
            record = loadmat(path)
        except (ValueError, TypeError, KeyError, OSError):
            raise UserError(f"'{path}' is damaged: delete it and download it again") from None
        image = np.ascontiguousarray(record["X"].transpose(3, 0, 1, 2))
        label = record["y"].reshape(-1).astype(np.int64) % 10
        splits[split] = (torch.from_numpy(image), torch.from_numpy(label))
    return splits
