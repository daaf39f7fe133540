"""CLIP's byte-pair encoding of texts, without torch.

Radford et al. 2021, arXiv:2103.00020, sec. 2.4; to the number what `SimpleTokenizer` of open_clip
gives (github.com/mlfoundations/open_clip, MIT), whose module imports torch. It uses the same
libraries, regex and ftfy, since letters, digits and white space are what they take for them.
"""

import html
import string
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

START, END = "<start_of_text>", "<end_of_text>"
WORD_END = "</w>"
UNITS = r"|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


class ClipTokenizer:
    """merges: pairs that are joined, with a space between, those that come first before others.
    length: numbers of a text, the first ones and the end; filled up with 0. Raises ImportError
    where regex is missing."""

    def __init__(self, merges: Sequence[str], length: int) -> None:
        import regex

        self._length = length
        self._words = regex.compile(f"{START}|{END}{UNITS}", regex.IGNORECASE)
        pairs = [tuple(each.split()) for each in merges]
        self._rank = {pair: place for place, pair in enumerate(pairs)}
        alphabet = list(_alphabet().values())
        ends = [letter + WORD_END for letter in alphabet]
        units = [*alphabet, *ends, *map("".join, pairs), START, END]
        self._number = {unit: place for place, unit in enumerate(units)}

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """A row of numbers for each text, which is clean already; see `cleaner`."""
        return [self._row(text) for text in texts]

    def _row(self, text: str) -> list[int]:
        alphabet = _alphabet()
        row = [self._number[START]]
        for word in self._words.findall(text):
            letters = "".join(alphabet[byte] for byte in word.encode())
            row += [self._number[unit] for unit in self._joined(letters)]
        row = [*row[: self._length - 1], self._number[END]]
        return row + [0] * (self._length - len(row))

    def _joined(self, letters: str) -> list[str]:
        """A word as the units that remain when all pairs are joined, the best ones first."""
        if letters in (START, END):
            return [letters]
        units = [*letters[:-1], letters[-1] + WORD_END]
        last = len(self._rank)
        while len(units) > 1:
            best = min(pairwise(units), key=lambda pair: self._rank.get(pair, last))
            if best not in self._rank:
                break
            units = _with_joined(units, best)
        return units


def _with_joined(units: list[str], pair: tuple[str, ...]) -> list[str]:
    joined, place = list[str](), 0
    while place < len(units):
        count = 2 if tuple(units[place : place + 2]) == pair else 1
        joined.append("".join(units[place : place + count]))
        place += count
    return joined


@lru_cache
def _alphabet() -> dict[int, str]:
    """A printable character for every byte: itself, or one beyond the first 256."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1),
             *range(ord("®"), ord("ÿ") + 1)]  # fmt: skip
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {
        byte: chr(256 + place) for place, byte in enumerate(others)
    }


def cleaner(how: str) -> Callable[[str], str]:
    """What cleans texts as open_clip does; how: "lower", "whitespace" or "canonicalize" (without
    punctuation). Raises ImportError where ftfy is missing."""
    import ftfy

    punctuation = str.maketrans("", "", string.punctuation)

    def clean(text: str) -> str:
        text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
        if how == "canonicalize":
            text = text.replace("_", " ").translate(punctuation)
        text = " ".join(text.split())
        return text if how == "whitespace" else text.lower()

    return clean
