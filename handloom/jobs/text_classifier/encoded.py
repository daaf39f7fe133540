"""A text set as tokens: what a text classifier is built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.text_classifier.contents import text_contents
from handloom.jobs.text_classifier.defaults import before_data, length_for
from handloom.jobs.text_classifier.names import check_network
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.text.texts import TextSet
    from handloom.jobs.text_classifier.config import Config

Split = tuple["Tensor", "Tensor", "Tensor"]
"""tokens int32, one text after the other; length and label int64 (N,)."""


@dataclass(frozen=True)
class EncodedTexts:
    """A text set as tokens.

    splits: by name; max_length: tokens that were read of a text; vector: float32 (M, D) for the
    words at `rows` of the vocabulary, or None; notes: of coverage and of what was cut.
    """

    texts: TextSet
    tokenizer: Any
    units: str
    max_length: int
    splits: dict[str, Split]
    rows: Tensor | None
    vector: Tensor | None
    coverage: dict[str, float] | None
    notes: list[str] = field(default_factory=list)

    @property
    def vocabulary(self) -> int:
        """V, tokens that are known, the special ones among them."""
        size: int = self.tokenizer.get_vocab_size()
        return size

    @property
    def classes(self) -> int:
        """K."""
        return len(self.texts.classes)


def contents(data: EncodedTexts) -> dict[str, list[str]]:
    """What the texts of each split are known by."""
    return text_contents(data.texts)


def load(config: Config, data: str, report: Any) -> EncodedTexts:
    """Read the texts, learn the words, read their vectors."""
    from handloom.data.text.tokenizer import learn_tokenizer, measured_units
    from handloom.jobs.text_classifier.reading import cut_of, labelled_texts
    from handloom.jobs.text_classifier.word_vectors import vectors_for

    check_network(config)
    if config.preset and config.network not in ("auto", "lstm"):
        raise UserError(f"the tutorial is an LSTM: leave --network {config.network} out")
    if config.cuda_graph == "on":
        raise UserError("--cuda-graph on: batches of texts differ in length; leave it out")
    chosen = before_data(config)
    report("reading texts", 0, 0)
    texts = labelled_texts(config, data, cut_of(chosen))
    notes = list(texts.notes)
    units = chosen.units or measured_units(texts.train.text)
    if units == "characters" and chosen.units is None:
        notes.append("words hardly split in these texts, so they are read by characters")
    tokenizer = learn_tokenizer(
        texts.train.text, chosen.vocab_size or 1, chosen.min_count or 1,
        spaces=config.preset is not None, units=units,
    )  # fmt: skip
    splits, max_length = _encode(config, texts, tokenizer, chosen.max_length, notes)
    rows, vector, coverage, more = vectors_for(config.vectors, tokenizer, splits["train"][0])
    if vector is not None and config.embedding not in (None, vector.shape[1]):
        raise UserError(
            f"--embedding {config.embedding}, but the vectors of {config.vectors} are "
            f"{vector.shape[1]} wide: leave --embedding out"
        )
    return EncodedTexts(
        texts, tokenizer, units, max_length, splits, rows, vector, coverage, [*notes, *more]
    )


def _encode(
    config: Config, texts: TextSet, tokenizer: Any, max_length: int | None, notes: list[str]
) -> tuple[dict[str, Split], int]:
    """All splits, cut to a length that is chosen by the number of training texts."""
    from handloom.data.text.tokenizer import cut, encode

    keep = config.preset is None
    whole = {name: encode(tokenizer, part.text, keep) for name, part in texts.splits.items()}
    chosen = max_length or length_for(len(whole["train"][1]))
    splits = {}
    for name, part in texts.splits.items():
        assert part.label is not None
        splits[name] = (*cut(*whole[name], chosen), part.label)
    too_long = sum(int((length > chosen).sum()) for _, length in whole.values())
    if too_long:
        notes.append(
            f"{pluralize(too_long, 'text')} of more than {chosen:,} tokens, of which only the last "
            f"{chosen:,} are read: --max-length reads more"
        )
    return splits, chosen
