"""learned.bin, valid.bin and test.bin: what a run was trained, validated and tested on, as digests,
so that it is known wherever it turns up.

Data are moved, copied, divided anew and mixed with others; the content of an example stays. Eight
bytes of its digest are kept, in order: of 10^6 examples and 10^6 others, two share them by chance
once in 10^7 runs.
"""

from collections.abc import Iterable

TRAIN, VALID, TEST = "train", "valid", "test"
FILES = {TRAIN: "learned.bin", VALID: "valid.bin", TEST: "test.bin"}
BYTES = 8


def packed(contents: Iterable[str]) -> bytes:
    """The file: digests, at least 16 hexadecimal digits each."""
    return b"".join(sorted({_short(content) for content in contents}))


class Learned:
    """The examples of a run's training; `digest in learned` for one of at least 16 digits.

    content: of learned.bin. valid, test: of the other files, empty where a run has none, as older
    ones have not.
    """

    def __init__(self, content: bytes, valid: bytes = b"", test: bytes = b"") -> None:
        files = {TRAIN: content, VALID: valid, TEST: test}
        self._known = {split: _unpacked(file) for split, file in files.items()}

    def __contains__(self, content: str) -> bool:
        return _short(content) in self._known[TRAIN]

    def __len__(self) -> int:
        return len(self._known[TRAIN])

    @property
    def has_test(self) -> bool:
        """Whether the run is known to have a test split."""
        return self.count(TEST) > 0

    def count(self, split: str) -> int:
        """How many different examples are known to be in a split."""
        return len(self._known[split])

    def contents(self) -> dict[str, list[str]]:
        """The digests of each split that has some, as `RunDirectory.write_learned` takes them."""
        known = self._known.items()
        return {split: [short.hex() for short in shorts] for split, shorts in known if shorts}

    def joined(self, earlier: "Learned | None") -> "Learned":
        """With what only an earlier run had, in the splits that it had it in."""
        if earlier is None:
            return self
        every = frozenset().union(*self._known.values())
        both = [known | earlier._known[split] - every for split, known in self._known.items()]
        return Learned(*(b"".join(known) for known in both))

    def split_of(self, content: str) -> str | None:
        """The split that the training had an example in; train, where in several; None where in
        none, or where that is not known."""
        short = _short(content)
        return next((split for split, known in self._known.items() if short in known), None)


def _unpacked(content: bytes) -> frozenset[bytes]:
    return frozenset(content[start : start + BYTES] for start in range(0, len(content), BYTES))


def _short(content: str) -> bytes:
    return bytes.fromhex(content[: 2 * BYTES])
