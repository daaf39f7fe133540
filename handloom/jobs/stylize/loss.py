"""The layers that `stylize` reads and the weights of its loss, by the network and the preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.jobs.stylize.config import Config

if TYPE_CHECKING:
    from handloom.objectives.style_transfer import Weights

# Style layers; the tutorial reads convolutions before their ReLU.
PUBLISHED = {"conv1_1": 1.0, "conv2_1": 0.8, "conv3_1": 0.25, "conv4_1": 0.21, "conv5_1": 0.18}
RELUS = {f"relu{i}_1": 0.2 for i in range(1, 6)}
FULL = {f"full{i}_1": 0.2 for i in range(1, 6)}


def weights(config: Config) -> Weights:
    """The weights of the loss, with the content layer and the style layers."""
    from handloom.objectives.style_transfer import Weights

    content, layers = "relu4_2", RELUS
    if config.preset:
        content, layers = "conv4_2", PUBLISHED
    elif config.network == "vgg19-small":
        layers = FULL
    elif config.network == "random":
        from handloom.models.image.random_filters import SCALES

        content, layers = "blurred", {name: 1 / len(SCALES) for name in SCALES}
    assert config.style_weight is not None
    assert config.smoothness is not None
    assert config.structure is not None
    return Weights(
        config.content_weight,
        config.style_weight,
        config.smoothness,
        content,
        layers,
        published=config.preset is not None,
        structure=config.structure,
    )
