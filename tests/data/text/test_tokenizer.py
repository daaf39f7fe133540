"""Words as numbers."""

import pytest
import torch

from handloom.data.text.tokenizer import (
    chosen_rows,
    cut,
    encode,
    learn_tokenizer,
    measured_units,
    opened,
    saved,
    whole_characters,
)

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
    tokens, length = cut(*encode(tokenizer, ["a zoo a film", "zoo", ""], True), 3)
    assert tokens.tolist() == [1, a, film, 1, 1]
    assert length.tolist() == [3, 1, 1]
    tokens, length = encode(tokenizer, ["a zoo a film", "zoo"], False)
    assert tokens.tolist() == [a, a, film, 0]
    assert tokens.dtype == torch.int32
    assert chosen_rows((tokens, length), torch.tensor([1, 0]))[0].tolist() == [0, a, a, film]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("the service was friendly and the food, though late, was warm and very good", "words"),
        ("le film était très long et nous sommes partis avant la fin de la séance", "words"),
        ("昨日友達と見たこの映画はとてもおもしろかったです", "characters"),
        ("えいがはとてもつまらないしながすぎるとおもった", "characters"),
        ("หนังเรื่องนี้สนุกมากและประทับใจที่สุดในปีนี้", "characters"),
        ("这家酒店的服务很好我们下次还会再来", "characters"),
        ("Rindfleischetikettierungsgesetz Donaudampfschifffahrtskapitän war neu", "characters"),
        ("это очень хороший фильм и мы смотрели его два раза подряд", "words"),
    ],
)
def test_units_are_measured(text: str, units: str) -> None:
    assert measured_units([text] * 5) == units


def test_characters_are_units_of_their_own() -> None:
    tokenizer = learn_tokenizer(["Ab  c\nd"], 100, 1, spaces=False, units="characters")
    assert tokenizer.encode("Ab  c\nd").tokens == ["a", "b", " ", "c", " ", "d"]


def test_it_comes_back_from_json() -> None:
    tokenizer = learn_tokenizer(TEXTS, 100, 1, spaces=False)
    assert opened(saved(tokenizer)).encode(TEXTS[0]).ids == tokenizer.encode(TEXTS[0]).ids


def test_half_an_emoji_is_a_word_like_others() -> None:
    halves = ["fine \ud83d", "\udcff fine"]
    tokenizer = learn_tokenizer(halves, 100, 1, spaces=True)
    assert measured_units(halves) == "words"
    assert (
        encode(tokenizer, halves, True)[0].tolist()
        == encode(tokenizer, ["fine \ufffd", "\ufffd fine"], True)[0].tolist()
    )
    assert whole_characters(["👗 fine", *halves]) == ["👗 fine", "fine \ufffd", "\ufffd fine"]
