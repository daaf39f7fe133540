"""CLIP: networks of open_clip, which bring images and texts to vectors that can be compared.

Radford et al. 2021, arXiv:2103.00020; Ilharco et al. 2021, github.com/mlfoundations/open_clip. An
extra, `clip`. A network is a name of open_clip (ViT-B-32, and ViT-B-32.openai
for the weights of that tag), a repository of the hub (laion/NAME), or a folder that open_clip
saved, with open_clip_config.json and weights.
"""

import copy
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn

from handloom.data.images.reading import FitMode, Preprocessing
from handloom.data.io.progress import ReportProgress
from handloom.encoders.clip_texts import reading_of, tokenizer_digest, tokens_of
from handloom.encoders.encoder import Architecture, State, TextSide
from handloom.encoders.hub import hub_file
from handloom.encoders.names import CLIP, CLIP_CONFIG, EncoderName, unknown
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError
from handloom.extras import require
from handloom.wording import join_and, reason

CATALOG = "https://github.com/mlfoundations/open_clip/blob/main/docs/PRETRAINED.md"
FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors",
         "open_clip_pytorch_model.bin", "model.safetensors")  # fmt: skip
# Of a name's tags the first of these is taken, and else the first that open_clip lists. ViT-B-32
# classifies ImageNet unseen to 69.2 % with datacomp_xl, 66.6 % with laion2b and 63.3 % with openai
# (open_clip's docs/openclip_classification_results.csv); all three are under the MIT licence.
PREFERRED = ("datacomp_xl_s13b_b90k", "laion2b_s39b_b160k", "laion2b_s34b_b88k",
             "laion2b_s32b_b79k", "openai")  # fmt: skip
FITS: dict[str, FitMode] = {
    "shortest": "crop",
    "squash": "stretch",
    "longest": "pad",
}  # open_clip's resize_mode
SCALE = "logit_scale"
OTHERS = frozenset({"input_resolution", "context_length", "vocab_size"})  # in files of OpenAI


class Release(NamedTuple):
    """A network as its source describes it.

    model: open_clip's model_cfg. images: its preprocess_cfg. tokenizer: the name that open_clip
    finds its tokenizer by. published: as of `Architecture`. digest: of a tokenizer that lies in the
    folder, and so can be another under the same name; "" where there is none.
    """

    model: dict[str, Any]
    images: Mapping[str, Any]
    tokenizer: str
    published: Callable[[ReportProgress | None], Path]
    digest: str = ""


class TextTower(nn.Module):
    """The texts of a network of open_clip: tokens int64 (B, T) to (B, D).

    It shares the weights of the network, without those for images.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = copy.copy(model)
        self.model._modules = {name: part for name, part in model._modules.items()
                               if name != "visual"}  # fmt: skip

    def forward(self, tokens: Tensor) -> Tensor:
        vectors: Tensor = self.model.encode_text(tokens)  # type: ignore[operator]
        return vectors


def architecture(name: str) -> Architecture:
    """A network by open_clip's name, by a repository of the hub, or by its folder."""
    require(CLIP, f"the encoder {CLIP}:{name}")
    release = _release(name.removeprefix("local-dir:").removeprefix("hf-hub:"))
    model = _created(release.model, name)
    tower = model.get_submodule("visual")
    images = _images(release.images, tower)
    known = json.dumps([release.model, dict(release.images)], sort_keys=True)
    return Architecture(
        body=tower,
        head=OTHERS,
        preprocessing=images,
        mean=_by_channel(release.images["mean"]),
        std=_by_channel(release.images["std"]),
        published=release.published,
        converted=partial(_converted, model),
        whole=model,
        text=TextSide(
            partial(tokens_of, release.tokenizer),
            TextTower(model),
            partial(reading_of, release.tokenizer),
        ),
        identity=" ".join(filter(None, (CLIP, known, release.digest))),
    )


def _release(name: str) -> Release:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _of_folder(folder)
    if name.startswith((".", "/", "~")):
        raise UserError(f"the folder '{name}' does not exist: give one that open_clip saved")
    return _of_repository(name) if "/" in name else _of_name(name)


def _of_folder(folder: Path) -> Release:
    config = _read(folder / CLIP_CONFIG)
    weights = [folder / file for file in FILES if (folder / file).is_file()]

    def published(_: ReportProgress | None) -> Path:
        if not weights:
            raise WeightsAbsent(
                f"'{folder}' has no weights ({', '.join(FILES)})",
                "add them, or give a file with --weights",
            )
        return weights[0]

    return Release(*config, f"local-dir:{folder}", published, tokenizer_digest(folder, config[0]))


def _of_repository(name: str) -> Release:
    spec = f"{CLIP}:{name}"
    config = _read(hub_file(spec, name, [CLIP_CONFIG]))
    return Release(*config, f"hf-hub:{name}", lambda _: hub_file(spec, name, FILES))


def _of_name(name: str) -> Release:
    """A tag decides the activation and the mean of the images too, as open_clip records them."""
    from open_clip.factory import get_model_config, list_models
    from open_clip.pretrained import get_pretrained_cfg, list_pretrained_tags_by_model

    network, _, tag = name.partition(".")
    if network not in list_models():
        raise unknown(EncoderName(CLIP, name), list_models(), CATALOG)
    tags = list_pretrained_tags_by_model(network)
    if tag and tag not in tags:
        raise UserError(f"open_clip has no weights '{name}': it has {join_and(tags) or 'none'}")
    tag = tag or next((each for each in PREFERRED if each in tags), (*tags, "")[0])
    known: dict[str, Any] = get_pretrained_cfg(network, tag) if tag else {}
    model: dict[str, Any] = get_model_config(network)
    if known:
        model["quick_gelu"] = bool(known.get("quick_gelu"))
    return Release(model, _preprocess(known), network, partial(_tagged, name, known))


def _tagged(name: str, known: Mapping[str, Any], report: ReportProgress | None) -> Path:
    """The published file of a tag; the hub draws its own bar."""
    repository, _, file = str(known.get("hf_hub", "")).rpartition("/")
    if not repository:
        raise WeightsAbsent(
            f"open_clip publishes no weights of '{name}' on the hub",
            "give them with --weights, or choose another network",
        )
    files = [f"{file.rpartition('.')[0]}.safetensors", file] if file else FILES
    return hub_file(f"{CLIP}:{name}", repository, files)


def _read(path: Path) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The network and the images that a file open_clip_config.json describes."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        return dict(config["model_cfg"]), _preprocess(config.get("preprocess_cfg", {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"'{path}' cannot be read ({reason(error)}): give a folder that open_clip saved, with "
            f"{CLIP_CONFIG} and weights"
        ) from None


def _preprocess(known: Mapping[str, Any]) -> Mapping[str, Any]:
    from open_clip.transform import PreprocessCfg, merge_preprocess_dict

    merged: Mapping[str, Any] = merge_preprocess_dict(PreprocessCfg(), known)
    return merged


def _images(known: Mapping[str, Any], tower: nn.Module) -> Preprocessing:
    """How the network's own transform brings images to it."""
    size: Any = tower.image_size
    height, width = (size, size) if isinstance(size, int) else size
    is_padded = known["resize_mode"] == "longest"
    return {
        "size": [height, width],
        "channels": 3,
        "fit": FITS[known["resize_mode"]],
        "background": "black" if is_padded and not known["fill_color"] else "white",
        "crop": 1.0,
        "interpolation": "bilinear" if known["interpolation"] == "bilinear" else "bicubic",
    }


def _by_channel(value: Any) -> tuple[float, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (float(value),)


def _created(config: Mapping[str, Any], name: str) -> nn.Module:
    """The network with weights at random; open_clip's own function logs that they are."""
    from open_clip import model as networks

    sizes = copy.deepcopy(dict(config))
    text, images = sizes.get("text_cfg", {}), sizes.get("vision_cfg", {})
    if "multimodal_cfg" in sizes:
        raise UserError(f"{CLIP}:{name} also writes captions (CoCa), which is not supported: "
                        f"choose another network, as in {CLIP}:ViT-B-32")  # fmt: skip
    is_custom = sizes.pop("custom_text", False)
    if text.get("hf_model_name"):
        require("sentence", f"the encoder {CLIP}:{name}")
        text["hf_model_pretrained"], is_custom = False, True
    if images.get("timm_model_name"):
        images["timm_model_pretrained"] = False
    make = networks.CustomTextCLIP if is_custom else networks.CLIP
    try:
        model: nn.Module = make(**sizes)
    except Exception as error:  # whatever a foreign description makes the library raise
        raise UserError(
            f"open_clip cannot build {CLIP}:{name} ({reason(error)}): install a newer "
            "open_clip_torch, or choose another network"
        ) from None
    return model.eval()


def _converted(model: nn.Module, state: State) -> State:
    """As open_clip reads weights of other layouts of the same network."""
    from open_clip.convert import convert_state_dict
    from open_clip.model import convert_to_custom_text_state_dict

    try:
        state = convert_state_dict(model, dict(state))
        if "positional_embedding" in state and "positional_embedding" not in model.state_dict():
            state = convert_to_custom_text_state_dict(state)
    except Exception:  # weights of another network, of whatever names
        return state
    known = model.state_dict()
    for key in (SCALE, "logit_bias"):
        if key in state and key in known and state[key].numel() == 1:
            state[key] = state[key].reshape(known[key].shape)
    return state
