"""What a finished classifier answers, as fast as its network can be run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from handloom.encoders.fold import folded
from handloom.engine import inference
from handloom.engine.precision import channels_last
from handloom.jobs.classifier.records import Record
from handloom.jobs.loading import Loaded
from handloom.models.image.transferred import Transferred


def logits_of(run: Loaded[Record], pixels: Tensor) -> Tensor:
    """Logits float32 (N, K) of images uint8 (N, H, W, C), before the temperature; on the CPU."""
    return inference.logits_of(network_for_answers(run), pixels, run.precision)


def probabilities(run: Loaded[Record], pixels: Tensor) -> Tensor:
    """Class probabilities float32 (N, K) of images uint8 (N, H, W, C); on the CPU."""
    temperature: float = run.config.get("temperature", 1.0)
    return (logits_of(run, pixels) / temperature).softmax(1)


def network_for_answers(run: Loaded[Record]) -> nn.Module:
    """Image (B, C, H, W) in [0, 1] to logits (B, K), made once for all calls."""
    return run.opened("network for answers", lambda: _fast(run))


def _fast(run: Loaded[Record]) -> nn.Module:
    """The network with the batch norms of a pretrained encoder folded into its convolutions.

    That is how its head's features were computed, and 1.5 times as fast. A small network trained
    from scratch stays as its training evaluated it, to the bit.
    """
    network = run.networks["network"]
    if not isinstance(network, Transferred):
        return network
    height, width = run.config["preprocessing"]["size"]
    shape = (1, run.config["preprocessing"]["channels"], height, width)
    example = torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(run.device)
    head = network.head
    made = Transferred(
        channels_last(folded(network.backbone, example)),
        head.in_features,
        head.out_features,
        network.hflip_tta,
    )
    made.head = head
    return made.eval()
