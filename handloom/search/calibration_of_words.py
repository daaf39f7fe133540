"""From which score on a result answers words: `--min-score auto` for queries that are texts.

The cosine of a text and an image is far lower than that of two images, so it has a calibration of
its own. *Background* queries are sentences about many things; the best score of each stands for
words that have no answer. A few of them may happen to be about the collection, which a share of
them cannot hide. *Own* queries are the labels of the collection, as "a photo of a LABEL", and its
captions, columns that are called like one. Where there are both, the score tells them apart as for
images; where there are no own ones, nine of ten background sentences find nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from handloom.search.calibration import Calibration, threshold
from handloom.search.records import CAPTIONS, Entry, Vectors
from handloom.search.store import VectorStore

VERSION = 2  # of the calibration; another one makes those that were kept stale
MOST = 64  # own queries; reading them takes seconds with a large text tower
SILENT = 0.9  # share of background sentences that find nothing, where there are no own queries
BACKGROUND = (
    "a plate of spaghetti with tomato sauce", "an airplane above the clouds",
    "a dog running on the beach", "the skyline of a city at night", "a bowl of fresh fruit",
    "a man playing the guitar on stage", "a snow-covered mountain", "a red sports car on a road",
    "an old book on a wooden table", "a cat sleeping on a sofa", "a crowded football stadium",
    "a sailing boat at sea", "a bouquet of white roses", "a woman riding a horse",
    "a train arriving at a station", "a cup of coffee beside a laptop",
    "children playing in a playground", "a chessboard in the middle of a game",
    "a field of yellow sunflowers", "a bridge over a river", "an x-ray of a hand",
    "a map of the world", "a street market with vegetables", "a bird on a branch",
    "a birthday cake with candles", "an empty classroom", "a lighthouse on a cliff",
    "a tractor in a field of wheat", "a wooden chair", "a glass of red wine",
    "a page full of handwriting", "a desert with sand dunes", "a bicycle against a wall",
    "a surgeon in an operating room", "a waterfall in a forest", "a bar chart of sales",
    "an elephant drinking water", "fireworks in the night sky", "a kitchen with white cupboards",
    "a microscope in a laboratory", "a fisherman with a net", "a pizza with mushrooms",
    "an old church with a tower", "a goldfish in a bowl", "a swimming pool in summer",
    "the surface of the moon", "a traffic jam on a motorway", "a violin on a chair",
    "a rainbow over green hills", "a butterfly on a flower", "a pair of leather shoes",
    "a woman in a long dress", "a computer screen showing code", "a loaf of bread",
    "a soldier in uniform", "a tennis player serving", "an igloo in the snow",
    "a spiral staircase", "a shelf full of toys", "a cow in a meadow", "a wind turbine",
    "a signature on a contract", "a robot in a factory", "a close-up of a human eye",
)  # fmt: skip

ReadTexts = Callable[[Sequence[str]], Vectors]


def calibrated_for_words(store: VectorStore, reader: Callable[[], ReadTexts]) -> Calibration:
    """The calibration of what a store holds now; computed once and kept with it.

    reader: gives what makes vectors (N, D) of texts, and is asked where there is something to read.
    Raises UserError where all scores are equal.
    """
    kept, changes = store.get("calibration of words"), store.changes()
    if kept is not None:
        version, at, *values = json.loads(kept)
        if (version, at) == (VERSION, changes):
            return Calibration(*values)
    calibration = _calibrate(store, reader())
    store.set("calibration of words", json.dumps([VERSION, changes, *calibration]))
    return calibration


def _calibrate(store: VectorStore, read: ReadTexts) -> Calibration:
    own = own_queries(store.entries())
    vectors = read([*own, *BACKGROUND])
    best = np.array([next(iter(store.nearest(v, None, None))).score for v in vectors], np.float32)
    mine, background = best[: len(own)], best[len(own) :]
    if own:
        return threshold(mine, background)
    least = float(np.quantile(background, SILENT))
    return Calibration(least, None, float((background < least).mean()))


def own_queries(entries: Iterable[Entry]) -> list[str]:
    """Texts that the collection has an answer to: captions where there are some, else labels."""
    captions, labels = _Some(MOST), _Some(MOST)
    for entry in entries:
        if entry.reason is None:
            if entry.label is not None:
                labels.add(entry.label)
            for name, value in entry.own:
                if name.lower() in CAPTIONS and isinstance(value, str):
                    captions.add(value)
    return captions.chosen() or [
        f"a photo of a {label.replace('_', ' ')}" for label in labels.chosen()
    ]


class _Some:
    """At most so many of different texts, as if drawn from all: those of the least digests, so that
    a million captions need not be held."""

    def __init__(self, most: int) -> None:
        self._most, self._kept = most, dict[str, bytes]()
        self._last = b"\xff" * 9  # above every digest

    def add(self, text: str) -> None:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        if digest >= self._last or text in self._kept:
            return
        self._kept[text] = digest
        if len(self._kept) > self._most:
            del self._kept[max(self._kept, key=lambda each: self._kept[each])]
            self._last = max(self._kept.values())

    def chosen(self) -> list[str]:
        """In the order of the alphabet."""
        return sorted(self._kept)
