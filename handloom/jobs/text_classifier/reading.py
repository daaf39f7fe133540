"""How the options of a text classifier say that its data are read and cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.jobs.options import split_seed

if TYPE_CHECKING:
    from handloom.data.text.cut import Cut
    from handloom.data.text.rows import TextReading
    from handloom.data.text.texts import TextSet
    from handloom.jobs.text_classifier.config import Config


def reading_of(config: Config) -> TextReading:
    """What the training's own options say of its tables."""
    from handloom.data.text.rows import TextReading

    return TextReading(
        config.encoding,
        config.text_column,
        config.target_column,
        config.unclear_labels,
        config.splits,
        config.strict,
    )


def cut_of(config: Config) -> Cut:
    """The splits, from a config whose shares are chosen."""
    from handloom.data.text.cut import Cut
    from handloom.jobs.classification.earlier import earlier_division
    from handloom.jobs.text_classifier.contents import content_of

    earlier = earlier_division(config)
    return Cut(
        validation=config.validation or 0.0,
        test=config.test_share or 0.0,
        seed=split_seed(config),
        in_order=config.preset is not None,
        valid_file=config.valid,
        test_file=config.test,
        side_of=None if earlier is None else lambda text: earlier.split_of(content_of(text)),
    )


def labelled_texts(config: Config, data: str, cut: Cut) -> TextSet:
    """The texts of a training, in splits, with what a person corrected."""
    from handloom.data.text.texts import load_texts

    texts = load_texts(data, cut, reading_of(config))
    texts = replace(texts, notes=(*texts.notes, *_unused_shares(config, texts)))
    if config.corrections is None:
        return texts
    from handloom.jobs.text_classifier.corrections import corrected_texts

    return corrected_texts(texts, Path(config.corrections).expanduser())


def _unused_shares(config: Config, texts: TextSet) -> Iterator[str]:
    """Sentences on shares that were asked for, of splits that the data have."""
    for flag, share, split in (
        ("validation", config.validation, "valid"), ("test-share", config.test_share, "test"),
    ):  # fmt: skip
        if share and split in texts.own:
            name = {"valid": "validation"}.get(split, split)
            yield f"--{flag} {share:g} is not used: the data have a {name} split"


def reading_of_others(
    options: Mapping[str, Any],
    encoding: str | None,
    text_column: str | None,
    target_column: str | None,
    splits: str | None,
    strict: bool,
) -> TextReading:
    """For other data than the run's: its columns are looked for, its encoding is not assumed."""
    from handloom.data.text.rows import TextReading

    return TextReading(
        encoding,
        text_column or options.get("text_column"),
        target_column or options.get("target_column"),
        unclear_labels=options.get("unclear_labels") or "class",  # the run knows its classes
        splits=splits,
        strict=strict,
    )


def names_data(given: str) -> bool:
    """Whether an input to predict is meant as a path: one that exists, or looks like one.

    A single word that begins like a path, or anything short that ends like a file of data.
    """
    try:
        if Path(given).expanduser().exists():
            return True
    except (OSError, ValueError):  # longer than a path may be, or with a zero byte: a text
        return False
    if "\n" in given or len(given) > 200:
        return False
    is_word = not any(c.isspace() for c in given)
    begins = given.startswith(("/", "./", "../", "~/", ".\\", "..\\")) or given in (".", "..")
    return (is_word and begins) or given.lower().endswith(ENDINGS)


ENDINGS = (
    ".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".gz", ".xlsx",
)  # fmt: skip
