"""Licences of published weights, where their publishers state them to their library."""

from __future__ import annotations

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
