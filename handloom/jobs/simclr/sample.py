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
    from handloom.metrics.sample import sample_rows

    train, held_out = data.train, data.splits[split]
    most = max(HELD_OUT, BYTES // max(1, train.image[0].numel()))
    has_labels = train.label is not None and held_out.label is not None
    known = torch.arange(0)
    if has_labels:
        known = sample_rows(len(train), min(KNOWN, most), train.label)
    asked = sample_rows(len(held_out), HELD_OUT, held_out.label)
    fields = {
        "image": torch.cat([train.image[known], held_out.image[asked]]),
        "held_out": torch.arange(len(known) + len(asked)) >= len(known),
    }
    if has_labels:
        assert train.label is not None
        assert held_out.label is not None
        fields["label"] = torch.cat([train.label[known], held_out.label[asked]])
    return InMemoryLoader(fields, BATCH, device, shuffle=False)
