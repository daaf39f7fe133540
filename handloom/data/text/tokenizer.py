"""Words as numbers: Hugging Face's tokenizers, at word level."""

import json
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, UNKNOWN = 0, 1
SPECIAL = ["[PAD]", "[UNK]"]
# As GloVe was cut: don't -> do n't, it's -> it 's, punctuation by itself.
WORDS = r"\w+?(?=n't)|n't|'\w+|\w+|[^\w\s]"


def learn_tokenizer(texts: list[str], most: int, least: int, spaces: bool) -> "Tokenizer":
    """Lower-cased words, the commonest `most`, each seen `least` times at least.

    spaces: cut at white space alone, as the tutorials do. Chinese is cut into characters.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False, lowercase=True)
    tokenizer.pre_tokenizer = (
        pre_tokenizers.WhitespaceSplit()
        if spaces
        else pre_tokenizers.Split(Regex(WORDS), "removed", invert=True)
    )
    trainer = trainers.WordLevelTrainer(
        vocab_size=most + len(SPECIAL),
        min_frequency=least,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def saved(tokenizer: "Tokenizer") -> dict[str, Any]:
    """Everything that is needed to open it again, as JSON."""
    found: dict[str, Any] = json.loads(tokenizer.to_str())
    return found


def opened(record: dict[str, Any]) -> "Tokenizer":
    """A tokenizer that was saved."""
    from tokenizers import Tokenizer

    return Tokenizer.from_str(json.dumps(record))


def encode(
    tokenizer: "Tokenizer", texts: list[str], most: int, keep_unknown: bool
) -> tuple[Tensor, Tensor]:
    """The last `most` tokens of each text, int32, one after the other, and lengths int64 (N,).

    Unknown words are one token, or left out; a text of which nothing is left is one padding.
    """
    rows = []
    for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False):
        ids = encoding.ids if keep_unknown else [i for i in encoding.ids if i != UNKNOWN]
        rows.append(ids[-most:] or [UNKNOWN if keep_unknown else PAD])
    length = torch.tensor([len(ids) for ids in rows], dtype=torch.int64)
    return torch.tensor([i for ids in rows for i in ids], dtype=torch.int32), length
