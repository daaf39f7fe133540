"""What weights a run began with, and the licences of published ones, where they are stated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handloom.runs.records import RunConfig

UNKNOWN = "their licence is not known here, look where they were published"
# torchvision states none for its weights, and says that they may depend on the data's.
SENTENCE = {"all-MiniLM-L6-v2": "apache-2.0", "all-mpnet-base-v2": "apache-2.0"}


def licence_of(encoder: str) -> str | None:
    """The licence of an encoder's published weights, as Hugging Face writes it; None: not known.

    encoder: "timm:NAME", "torchvision:NAME" or "sentence:NAME".
    """
    source, _, name = encoder.partition(":")
    if source == "timm":
        from timm.models import get_pretrained_cfg

        known = get_pretrained_cfg(name)
        return None if known is None else known.license
    return SENTENCE.get(name) if source == "sentence" else None


def repository_of(encoder: str) -> str | None:
    """Where Hugging Face's hub has an encoder's weights; None: nowhere that is known here."""
    source, _, name = encoder.partition(":")
    if source == "timm":
        from timm.models import get_pretrained_cfg

        known = get_pretrained_cfg(name)
        return None if known is None else known.hf_hub_id
    if source == "sentence":
        return name if "/" in name else f"sentence-transformers/{name}"
    return None


def encoder_of(config: RunConfig) -> str | None:
    """The published encoder that a run began with, from its config.json; None for none."""
    encoder = config.get("encoder")
    name = str(config["options"].get("network")) if encoder is None else encoder["name"]
    return name if name.partition(":")[0] in ("timm", "torchvision", "sentence", "clip") else None


def beginnings(config: RunConfig) -> list[str]:
    """A sentence for everything that a run's weights began with; none where that was chance."""
    sentences, encoder = [], encoder_of(config)
    if encoder is not None:
        sentences.append(of_encoder(encoder))
    vectors = config["options"].get("vectors")
    if vectors is not None:
        sentences.append(f"Its word vectors began as {Path(vectors).name}: {UNKNOWN}.")
    if config.get("from") is not None:
        sentences.append(
            "It began with the weights of another run, so what holds for those holds for it too "
            f"({config['from']})."
        )
    return sentences


def of_encoder(encoder: str) -> str:
    """The sentence on the licence of an encoder's weights."""
    licence = licence_of(encoder)
    known = UNKNOWN if licence is None else f"their licence is {licence}"
    return f"It began with the weights of {encoder}: {known}."
