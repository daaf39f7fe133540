"""The texts of CLIP: the tokenizers of open_clip's networks."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from torch import Tensor

from handloom.data.text.reader import TokenReading
from handloom.encoders.names import CLIP
from handloom.errors import UserError
from handloom.wording import reason

TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)  # files that transformers reads


def tokenizer_digest(folder: Path, model: Mapping[str, Any]) -> str:
    """Of the files that its tokenizer is read from; "" where it is open_clip's own."""
    if not model.get("text_cfg", {}).get("hf_tokenizer_name"):
        return ""
    known, files = hashlib.blake2b(digest_size=16), [folder / name for name in TOKENIZER]
    for path in filter(Path.is_file, files):
        content = path.read_bytes()
        known.update(f"{path.name} {len(content)} ".encode() + content)
    return known.hexdigest()


def tokens_of(source: str, texts: Sequence[str]) -> tuple[Tensor]:
    """int64 (N, T), cut where the network stops to read."""
    try:
        tokens: Tensor = _tokenizer(source)(list(texts))
    except UserError:
        raise
    except Exception as error:  # a tokenizer of the hub that is not here
        raise UserError(
            f"the tokenizer of {source} cannot be opened ({reason(error)}): connect once, or "
            f"choose another network, as in {CLIP}:ViT-B-32"
        ) from None
    return (tokens,)


@cache
def _tokenizer(source: str) -> Any:
    """Its BPE vocabulary ships with open_clip, but for networks with another text encoder."""
    from open_clip.factory import get_tokenizer

    return get_tokenizer(source)


def reading_of(source: str) -> TokenReading | None:
    """What `tokens_of` does, as `data.text.reader` does it without torch. None for ways to read
    that only some networks have; what comes out of both is compared before it is used."""
    from open_clip.tokenizer import SimpleTokenizer

    tokenizer = _tokenizer(source)
    most = tokenizer.context_length
    clean = getattr(tokenizer, "clean_fn", None)
    how = clean.__name__.removeprefix("_clean_") if clean is not None else "canonicalize"
    if isinstance(tokenizer, SimpleTokenizer):
        merges = [" ".join(pair) for pair in tokenizer.bpe_ranks]
        return {"clean": how, "merges": merges, "most": most}
    tokenizer([""])  # by which the library learns how to cut and pad
    library = getattr(tokenizer.tokenizer, "backend_tokenizer", None)
    if library is None:
        return None
    return {"clean": how, "tokenizer": json.loads(library.to_str()), "most": most}
