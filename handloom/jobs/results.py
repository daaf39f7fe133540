"""What the verbs return: the command line prints a result by its type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypedDict

from handloom.division.splits import TRAIN, VALID
from handloom.errors import UserError
from handloom.metrics.interval import of_groups, wilson

CHOSE_EPOCH = "this split also chose the epoch"  # why a figure is optimistic

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Broken
    from handloom.runs.records import Evaluated


class NothingHeldOut(UserError):  # noqa: N818
    """A run's own data have no part that it was not trained on."""


class Unseen(NamedTuple):
    """The rows of other data than the run's own that are evaluated, how many are left out, as
    trained on and as validated on, and how many of the rows it was validated on."""

    rows: list[int]
    trained_on: int = 0
    validated_on: int = 0
    of_validation: int = 0

    def record(self) -> Evaluated:
        """What an evaluation says of it; empty where there is nothing to say."""
        record: Evaluated = {}
        if self.trained_on:
            record["trained_on"] = self.trained_on
        if self.validated_on:
            record["validated_on"] = self.validated_on
        if self.of_validation:
            record["of_validation"] = self.of_validation
        return record


def unseen_rows(splits: Sequence[str | None], unit: str, data: str, has_test: bool) -> Unseen:
    """Which rows of other data than the run's own are evaluated: none that it was trained on; none
    that it was validated on where it has a test split, as of its own data.

    splits: what the training had each row in. unit: images or texts. Raises NothingHeldOut where
    there are none.
    """
    rows = [row for row, split in enumerate(splits) if split != TRAIN]
    if splits and not rows:
        raise NothingHeldOut(
            f"the run was trained on all {len(splits):,} {unit} of {data}, so what is right of "
            "them proves nothing: leave the data out to evaluate what was held out, or name others"
        )
    fresh = [row for row in rows if splits[row] != VALID]
    kept = fresh if fresh and has_test else rows
    trained_on, left_out = len(splits) - len(rows), len(rows) - len(kept)
    return Unseen(kept, trained_on, left_out, sum(splits[row] == VALID for row in kept))


def tell_split(record: Prediction, split: str | None) -> None:
    """Say of a labelled prediction which split the run's training had the example in, None for no
    split; a split that the data name themselves stays."""
    if split is not None:
        record.setdefault("split", split)
    if split == TRAIN:
        record["trained_on"] = True


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
    """How many of the `known` predictions of a split are right; interval: 95 %, of the share, which
    counts the `groups` that they are of."""

    split: str | None
    right: int
    known: int
    interval: tuple[float, float]
    groups: int


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


def shares_right(
    records: Sequence[Prediction], group: Sequence[str] | None = None
) -> list[ShareRight]:
    """Of the answers of every split whose records have an actual class and were not trained on;
    None is data without splits. group: of each record, the same for those that belong together."""
    known: dict[str | None, dict[str, list[bool]]] = {}
    for row, record in enumerate(records):
        if "actual" in record and not is_abstained(record) and not is_learned(record):
            key = str(row) if group is None else group[row]
            groups = known.setdefault(record.get("split"), {})
            groups.setdefault(key, []).append(not is_wrong(record))
    return [_share(split, list(groups.values())) for split, groups in known.items()]


def _share(split: str | None, groups: Sequence[Sequence[bool]]) -> ShareRight:
    known, right = sum(map(len, groups)), sum(map(sum, groups))
    count = of_groups([(len(each), sum(each)) for each in groups])
    return ShareRight(split, right, known, wilson(right / known * count, count), len(groups))
