"""What the verbs return: the command line prints a result by its type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypedDict

from handloom.errors import UserError
from handloom.metrics.interval import wilson

CHOSE_EPOCH = "this split also chose the epoch"  # why a figure is optimistic

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Broken


class NothingHeldOut(UserError):  # noqa: N818
    """A run's own data have no part that it was not trained on."""


def unseen_rows(is_learned: Iterable[bool], unit: str, data: str) -> list[int]:
    """The rows of other data than the run's own that it was not trained on.

    unit: images or texts. Raises NothingHeldOut where there are none.
    """
    learned = list(is_learned)
    rows = [row for row, known in enumerate(learned) if not known]
    if learned and not rows:
        raise NothingHeldOut(
            f"the run was trained on all {len(learned):,} {unit} of {data}, so what is right of "
            "them proves nothing: leave the data out to evaluate what was held out, or name others"
        )
    return rows


class GeneratedText(NamedTuple):
    """Texts as they are written.

    prefix: what every text begins with. amount: of texts. characters: (number of the text, its next
    character).
    """

    prefix: str
    amount: int
    characters: Iterator[tuple[int, str]]

    def written(self) -> list[str]:
        """The whole texts, when all are written."""
        texts = [self.prefix] * self.amount
        for number, character in self.characters:
            texts[number] += character
        return texts


class GeneratedImages(NamedTuple):
    """Images, and the latents they were decoded from.

    image: uint8 (N, H, W, C). latent: float32 (N, D). labels: names of classes, None where the run
    is not conditional. source: where the latents are from: a prior's name, or "latent" for given
    ones.
    """

    image: Tensor
    latent: Tensor
    labels: tuple[str | None, ...]
    source: str


class Latents(NamedTuple):
    """Latents of images.

    latent: float32 (N, D), of a variational encoder the means; variance: float32 (N, D), None of a
    plain encoder. names: of the images. labels: names of classes, where they are known. broken:
    inputs that cannot be read, with reasons. notes: sentences to show.
    """

    latent: Tensor
    variance: Tensor | None
    names: tuple[str, ...]
    labels: tuple[str | None, ...]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


class Reconstructions(NamedTuple):
    """Images and their reconstructions.

    original, image: uint8 (N, H, W, C). error: (N,), mean squared difference of pixels in [0, 1].
    broken: inputs that cannot be read, with reasons. notes: sentences to show.
    """

    original: Tensor
    image: Tensor
    error: Tensor
    names: tuple[str, ...]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


class Heat(NamedTuple):
    """Where in an image something spoke for an answer.

    image: uint8 (H, W, C), as the network sees it. heat: float (H, W) in [0, 1]. heated: uint8
    (H, W, 3), the image in grey with the heat over it.
    """

    image: Tensor
    heat: Tensor
    heated: Tensor


class MarkedWord(NamedTuple):
    """A word of a text. weight: how much it speaks for the answer, in nats; negative: against it.
    is_known: whether the network knows it."""

    text: str
    weight: float
    is_known: bool


class ShareRight(NamedTuple):
    """How many of the `known` predictions of a split are right; interval: 95 %, of the share."""

    split: str | None
    right: int
    known: int
    interval: tuple[float, float]


class Likely(TypedDict):
    """A class and its probability in [0, 1]."""

    label: str
    probability: float


class Prediction(TypedDict):
    """What is said of one input, and the other columns of its table, by their names.

    label: None where abstained. probability: of the label, in [0, 1]; probabilities: of every
    class, or in their place top, the likeliest first. actual, split: where they are known.
    abstained: whether the answer is withheld, where a threshold was given. trained_on: the run was
    trained on it. note: what is odd about the input, such as a text that was cut short. error: why
    it cannot be read; then there is nothing else but the input.
    """

    input: str
    label: NotRequired[str | None]
    probability: NotRequired[float]
    probabilities: NotRequired[dict[str, float]]
    top: NotRequired[list[Likely]]
    actual: NotRequired[str]
    split: NotRequired[str]
    trained_on: NotRequired[bool]
    abstained: NotRequired[bool]
    note: NotRequired[str]
    error: NotRequired[str]


class Explained(NamedTuple):
    """A prediction, and what spoke for it: a map, the words, or None where nothing can be said.

    record: as `predict` gives it.
    """

    record: Prediction
    because: Heat | tuple[MarkedWord, ...] | None


class Predictions(list[Prediction]):
    """One for each input. notes: sentences to show beside them."""

    def __init__(self, records: Iterable[Prediction], notes: Iterable[str] = ()) -> None:
        super().__init__(records)
        self.notes = tuple(notes)


def is_abstained(record: Prediction) -> bool:
    """Whether a prediction is withheld, since it is too unsure."""
    return bool(record.get("abstained", False))


def is_learned(record: Prediction) -> bool:
    """Whether the run was trained on the example, so that what it has right proves nothing."""
    return bool(record.get("trained_on", False))


def is_wrong(record: Prediction) -> bool:
    """Whether an answer differs from the actual class, where that is known."""
    return "actual" in record and not is_abstained(record) and record["actual"] != record["label"]


def shares_right(records: Iterable[Prediction]) -> list[ShareRight]:
    """Of the answers of every split whose records have an actual class and were not trained on;
    None is data without splits."""
    known: dict[str | None, list[Prediction]] = {}
    for record in records:
        if "actual" in record and not is_abstained(record) and not is_learned(record):
            known.setdefault(record.get("split"), []).append(record)
    return [
        ShareRight(split, right, len(part), wilson(right, len(part)))
        for split, part in known.items()
        for right in [sum(not is_wrong(record) for record in part)]
    ]
