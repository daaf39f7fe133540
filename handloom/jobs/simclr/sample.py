"""The fixed sample of images that shows, while training, how good the features are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from handloom.data.images.dataset import DataSet
    from handloom.data.loaders import InMemoryLoader

KNOWN, HELD_OUT = 4_000, 1_000  # images of a sample, at most
BYTES = 200_000_000
BATCH = 250


def sample_loader(data: DataSet, split: str, device: torch.device) -> InMemoryLoader:
    """Images that are held out, and, where labels are known, training images before them, among
    which their neighbours are looked for. Fields: `image`, `held_out`, and `label`."""
    import torch

    from handloom.data.loaders import InMemoryLoader

    most = max(HELD_OUT, BYTES // max(1, data.train.image[0].numel()))
    known, asked = data.train.sample(min(KNOWN, most)), data.splits[split].sample(HELD_OUT)
    count, image, label = 0, asked.image, asked.label
    if known.label is not None and label is not None:
        count = len(known)
        image, label = torch.cat([known.image, image]), torch.cat([known.label, label])
    fields = {"image": image, "held_out": torch.arange(len(image)) >= count}
    if count and label is not None:
        fields["label"] = label
    return InMemoryLoader(fields, BATCH, device, shuffle=False)
