"""Words as numbers."""

import torch

from handloom.data.text.tokenizer import encode, learn_tokenizer, opened, saved

TEXTS = ["It's a film, isn't it?", "a FILM", "a 你好 film"]


def test_words_are_cut_as_glove_cuts_them() -> None:
    tokenizer = learn_tokenizer(TEXTS, 100, 1, spaces=False)
    words = tokenizer.encode(TEXTS[0]).tokens
    assert words == ["it", "'s", "a", "film", ",", "is", "n't", "it", "?"]
    assert tokenizer.encode("你好").tokens == ["你", "好"]


def test_the_commonest_words_are_kept() -> None:
    tokenizer = learn_tokenizer(TEXTS, 2, 1, spaces=True)
    assert set(tokenizer.get_vocab()) == {"[PAD]", "[UNK]", "a", "film"}
    seldom = learn_tokenizer(TEXTS, 100, 2, spaces=True)
    assert set(seldom.get_vocab()) == {"[PAD]", "[UNK]", "a", "film"}


def test_the_last_tokens_are_read_and_unknown_words_kept_or_not() -> None:
    tokenizer = learn_tokenizer(TEXTS, 2, 1, spaces=True)
    a, film = tokenizer.token_to_id("a"), tokenizer.token_to_id("film")
    tokens, length = encode(tokenizer, ["a zoo a film", "zoo", ""], 3, keep_unknown=True)
    assert tokens.tolist() == [1, a, film, 1, 1]
    assert length.tolist() == [3, 1, 1]
    tokens, length = encode(tokenizer, ["a zoo a film", "zoo"], 3, keep_unknown=False)
    assert tokens.tolist() == [a, a, film, 0]
    assert tokens.dtype == torch.int32


def test_it_comes_back_from_json() -> None:
    tokenizer = learn_tokenizer(TEXTS, 100, 1, spaces=False)
    assert opened(saved(tokenizer)).encode(TEXTS[0]).ids == tokenizer.encode(TEXTS[0]).ids
