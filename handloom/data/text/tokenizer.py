"""Words as numbers: Hugging Face's tokenizers, at word level."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

PAD, UNKNOWN = 0, 1
SPECIAL = ["[PAD]", "[UNK]"]
# As GloVe was cut: don't -> do n't, it's -> it 's, punctuation by itself.
WORDS = r"\w+?(?=n't)|n't|'\w+|\w+|[^\w\s]"
LONG = 15  # characters; few words of a language with spaces are longer
MOST_LONG = 0.1  # share of the running text in longer words: English has 0.01, kana nearly all
SHORT = 1.6  # characters a word on average: Chinese is cut into single ones
SAMPLE = 2_000  # texts that are measured
HALF = re.compile("[\ud800-\udfff]")  # of a character


def whole_characters(texts: Iterable[str]) -> list[str]:
    """Texts with the replacement character for each half of one: JSON that was cut within an emoji
    has halves, and so has what is not UTF-8; the library `tokenizers` takes none."""
    return [HALF.sub("\N{REPLACEMENT CHARACTER}", text) for text in texts]


def measured_units(texts: list[str]) -> str:
    """`characters` where words do not split: whole clauses are one word, or each letter is."""
    from tokenizers import Regex, pre_tokenizers

    from handloom.division.sample import sample_rows

    words = pre_tokenizers.Split(Regex(WORDS), "removed", invert=True)
    rows = sample_rows(len(texts), SAMPLE).tolist()
    sample = whole_characters(texts[row][:10_000].lower() for row in rows)
    runs = [len(w) for text in sample for w, _ in words.pre_tokenize_str(text) if w[0].isalpha()]
    letters = learn_tokenizer([], 1, 1, spaces=False).normalizer
    assert letters is not None
    split = [
        len(word)
        for text in sample
        for word, _ in words.pre_tokenize_str(letters.normalize_str(text))
        if word[0].isalpha()
    ]
    long = sum(size for size in runs if size > LONG)
    is_whole = long > MOST_LONG * sum(runs) or sum(split) < SHORT * len(split)
    return "characters" if is_whole else "words"


def learn_tokenizer(
    texts: list[str], most: int, least: int, spaces: bool, units: str = "words"
) -> Tokenizer:
    """Lower-cased words, the commonest `most`, each seen `least` times at least.

    spaces: cut at white space alone, as the tutorials do. Chinese is cut into characters.
    units: `characters` takes every character for a word, one space for all white space.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
    by_character = units == "characters"
    lower = normalizers.BertNormalizer(
        strip_accents=False, lowercase=True, handle_chinese_chars=not by_character
    )
    white = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([lower, white]) if by_character else lower
    tokenizer.pre_tokenizer = (
        pre_tokenizers.Split(Regex("."), "isolated")
        if by_character
        else pre_tokenizers.WhitespaceSplit()
        if spaces
        else pre_tokenizers.Split(Regex(WORDS), "removed", invert=True)
    )
    trainer = trainers.WordLevelTrainer(
        vocab_size=most + len(SPECIAL),
        min_frequency=least,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    tokenizer.train_from_iterator(whole_characters(texts), trainer)
    return tokenizer


def saved(tokenizer: Tokenizer) -> dict[str, Any]:
    """Everything that is needed to open it again, as JSON."""
    record: dict[str, Any] = json.loads(tokenizer.to_str())
    return record


def opened(record: dict[str, Any]) -> Tokenizer:
    """A tokenizer that was saved."""
    from tokenizers import Tokenizer

    return Tokenizer.from_str(json.dumps(record))


def token_rows(
    tokenizer: Tokenizer, texts: list[str], keep_unknown: bool, special: bool = False
) -> list[list[int]]:
    """The tokens of each text, one at least.

    Unknown words are one token, or left out; a text of which nothing is left is one padding.
    special: with the tokens that a pretrained model wants around a text.
    """
    rows, whole = [], whole_characters(texts)
    for encoding in tokenizer.encode_batch_fast(whole, add_special_tokens=special):
        ids = encoding.ids if keep_unknown else [i for i in encoding.ids if i != UNKNOWN]
        rows.append(ids or [UNKNOWN if keep_unknown else PAD])
    return rows


def encode(
    tokenizer: Tokenizer, texts: list[str], keep_unknown: bool, special: bool = False
) -> tuple[Tensor, Tensor]:
    """As `token_rows`: tokens int32 of all texts, one after the other, and lengths int64 (N,)."""
    import torch

    rows = token_rows(tokenizer, texts, keep_unknown, special)
    length = torch.tensor([len(ids) for ids in rows], dtype=torch.int64)
    return torch.tensor([i for ids in rows for i in ids], dtype=torch.int32), length


def cut(tokens: Tensor, length: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The last `most` tokens of each text, and their lengths."""
    import torch

    kept = length.clamp(max=most)
    if bool((kept == length).all()):
        return tokens, length
    ends = length.cumsum(0).repeat_interleave(kept)
    within = torch.arange(int(kept.sum())) - (kept.cumsum(0) - kept).repeat_interleave(kept)
    return tokens[ends - kept.repeat_interleave(kept) + within], kept


def chosen_rows(split: tuple[Tensor, Tensor], rows: Tensor) -> tuple[Tensor, Tensor]:
    """The texts at `rows`, int64 (M,), of tokens one after the other: tokens and lengths."""
    import torch

    tokens, length = split
    kept = length[rows]
    starts = (length.cumsum(0) - length)[rows].repeat_interleave(kept)
    within = torch.arange(int(kept.sum())) - (kept.cumsum(0) - kept).repeat_interleave(kept)
    return tokens[starts + within], kept
