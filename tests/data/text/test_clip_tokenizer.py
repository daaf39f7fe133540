"""CLIP's texts as numbers: those of open_clip, for all of Unicode and what people type."""

import random
import subprocess
import sys
import unicodedata

import pytest

from handloom.data.text.clip_tokenizer import ClipTokenizer, cleaner

open_clip = pytest.importorskip("open_clip.tokenizer", reason="needs the extra 'clip'")

TEXTS = [
    "", " ", "a photo of a women's dress", "Don't! I'LL you've WE'RE i'm he'd it's 'tis",
    "&lt;b&gt; &amp;amp; caf&eacute; Ã©tÃ© â€œquotesâ€\x9d ﬁne", "x" * 500, "shoes " * 200,
    "<start_of_text> a <END_OF_TEXT>!<end_of_text>", "1234567890 ½ Ⅷ ٣٤ 百", "ſ's K Å ß ẞ İ ı ŉ",
    "\u200b\u200d\ufeff\x00\x1c\x1f\x85\u2028\u3000", "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪", "日本語の服とไทยและहिन्दी",
    "snake_case-and/slash\\back", "....!!!???", "e\u0301 vs é",
]  # fmt: skip


def merges() -> list[str]:
    return [" ".join(pair) for pair in open_clip.SimpleTokenizer().bpe_ranks]


@pytest.mark.parametrize("how", ["lower", "whitespace", "canonicalize"])
@pytest.mark.parametrize("length", [77, 9])
def test_numbers_are_those_of_open_clip(how: str, length: int) -> None:
    generator = random.Random(0)
    alphabet = "abcdefghijklmnopqrstuvwxyzABC '.,-_&;<>0123äöüßéñçøåł\n\t"
    words = ["".join(generator.choices(alphabet, k=generator.randint(1, 60))) for _ in range(500)]
    theirs = open_clip.SimpleTokenizer(context_length=length, clean=how)
    mine, clean = ClipTokenizer(merges(), length), cleaner(how)
    texts = [*TEXTS, *words]
    assert mine([clean(text) for text in texts]) == theirs(texts).tolist()


def test_every_character_is_read_as_by_open_clip() -> None:
    """Which are letters, digits and white space is a matter of the library."""
    characters = [chr(place) for place in range(0x30000) if not 0xD800 <= place < 0xE000]
    known = [each for each in characters if unicodedata.category(each) != "Cn"]
    texts = [f"a{''.join(known[at : at + 16])}b" for at in range(0, len(known), 16)]
    theirs = open_clip.SimpleTokenizer(context_length=300)
    mine, clean = ClipTokenizer(merges(), 300), cleaner("lower")
    assert mine([clean(text) for text in texts]) == theirs(texts).tolist()


def test_no_torch_is_imported() -> None:
    code = """
import sys
from handloom.data.text.reader import TokenReader
tokens, length = TokenReader({"clean": "lower", "merges": ["r e", "re d</w>"], "most": 5})(["Red"])
print(tokens.tolist(), length.tolist(), "torch" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], text=True, check=True,
                         stdout=subprocess.PIPE)  # fmt: skip
    assert ran.stdout == "[[514, 513, 515, 0, 0]] [5] False\n"
