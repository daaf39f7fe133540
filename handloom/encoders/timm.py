"""Networks of timm, without their heads.

Wightman 2019, https://github.com/huggingface/pytorch-image-models. Their weights are published on
the Hugging Face hub, and are kept in the hub's own cache.
"""

import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from handloom.data.images.reading import FitMode
from handloom.data.io.progress import ReportProgress
from handloom.encoders.encoder import Architecture, State
from handloom.encoders.hub import hub_file
from handloom.encoders.names import EncoderName, unknown
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError
from handloom.wording import reason

CATALOG = "https://huggingface.co/timm"
FITS: dict[str, FitMode] = {
    "center": "crop",
    "squash": "stretch",
    "border": "pad",
}  # timm's crop_mode


def architecture(name: str) -> Architecture:
    """A network by timm's name for it, with or without the tag of its weights."""
    from timm.data.config import resolve_model_data_config
    from timm.models import is_model, list_models

    if not is_model(name.partition(".")[0]):
        raise unknown(EncoderName("timm", name), list_models(), CATALOG)
    body = _created(name)
    names = frozenset(body.state_dict())
    body.reset_classifier(0)  # type: ignore[operator]
    config = resolve_model_data_config(body)
    channels, height, width = config["input_size"]
    return Architecture(
        body=body,
        head=names - frozenset(body.state_dict()),
        preprocessing={
            "size": [height, width],
            "channels": channels,
            "fit": FITS.get(config["crop_mode"], "crop"),
            "background": "white",
            "crop": config["crop_pct"],
            "interpolation": "bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        },
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        published=partial(_published, name, _config(body)),
        converted=partial(_converted, body),
    )


def _created(name: str) -> nn.Module:
    import timm

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that timm renamed
            network: nn.Module = timm.create_model(name, pretrained=False)
    except (RuntimeError, ValueError) as error:  # a tag that is unknown
        tags = timm.list_pretrained(f"{name.partition('.')[0]}.*")
        known = f"it has {', '.join(tags)}" if tags else "leave the tag out"
        raise UserError(f"timm has no network '{name}' ({reason(error)}): {known}") from None
    return network


def _config(body: nn.Module) -> dict[str, Any]:
    """timm's record of the published weights."""
    config: Any = body.pretrained_cfg
    return dict(config)


def _published(name: str, config: dict[str, Any], _: ReportProgress | None) -> Path:
    repository = config.get("hf_hub_id")
    if not repository or config.get("custom_load"):
        raise WeightsAbsent(
            f"timm publishes no weights of '{name}' that can be read here",
            "give them with --weights, or choose another network",
        )
    named = config.get("hf_hub_filename")
    files = [named] if named else ["model.safetensors", "pytorch_model.bin"]
    return hub_file(f"timm:{name}", repository, files)


def _converted(body: nn.Module, state: State) -> State:
    """By the function with which timm itself reads other releases of the same network."""
    convert = vars(sys.modules[type(body).__module__]).get("checkpoint_filter_fn")
    if convert is None:
        return state
    try:
        made: State = convert(dict(state), body)
    except Exception:  # weights of another network, of whatever names
        return state
    return made
