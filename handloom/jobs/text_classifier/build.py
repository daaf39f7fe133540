"""Text classifier: a table of labelled texts becomes a network that reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.job import Built, single
from handloom.jobs.options import TrainingConfig
from handloom.jobs.text_classifier.network import networks, sizes

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.text.texts import Texts, TextSet
    from handloom.objectives.text_classification import TextClassification


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Options of `train text-classifier`."""

    network: Literal["lstm", "gru", "cnn", "bag"] = option(
        "lstm", "cnn is Kim's; bag, the mean of word vectors, is the baseline to beat"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's LSTM and training to the letter"
    )
    vectors: str | None = option(
        None, "word vectors to begin with: a file (.txt, .gz, .zip) or a name, glove.6B.100d"
    )
    freeze_vectors: bool = option(False, "do not change the word vectors; the tutorial does so")
    embedding: int | None = option(None, "width of the word vectors, where none are given", 1, 4096)
    words: int | None = option(None, "size of the vocabulary, the commonest words", 1)
    min_count: int | None = option(None, "a word must occur so often to be known", 1)
    tokens: int | None = option(None, "read the last so many words of a text", 1, 100_000)
    hidden: int | None = option(None, "width of the LSTM or GRU, or maps of each convolution", 1)
    layers: int | None = option(None, "of the LSTM or GRU", 1, 8)
    both_ways: bool | None = option(None, "the LSTM or GRU reads backwards too")
    pool: Literal["max", "mean"] | None = option(None, "over time, of the LSTM or GRU")
    dropout: float | None = option(None, "share of features dropped", 0, 0.9)
    channel_dropout: float | None = option(
        None, "share of the word vectors' channels dropped in a text", 0, 0.9
    )
    bayes: bool | None = option(
        None, "hear naive Bayes of words and pairs beside the network; by default for 2 classes"
    )
    class_weights: Literal["none", "balanced"] = option(
        "none", "balanced: rare classes weigh more, in inverse proportion"
    )
    smoothing: float | None = option(None, "share of the target spread over all classes", 0, 0.9)
    schedule: Literal["constant", "one-cycle"] | None = option(None, "of the learning rate")
    validation: float | None = option(None, "share of the texts kept for validation", 0, 0.9)
    test_share: float | None = option(None, "share of the texts kept for the test", 0, 0.9)
    valid: str | None = option(None, "data of their own for validation: a table or a folder")
    test: str | None = option(None, "data of their own for the test: a table or a folder")
    split_seed: int | None = option(None, "of the split; by default the seed", 0)
    splits: str | None = option(
        None, "what the cells of a column 'split' mean, as in train=a,valid=b; none ignores it"
    )
    text_column: str | None = option(None, "column of the texts, by name or position from 1")
    target_column: str | None = option(None, "column of the classes, by name or position from 1")
    classes_as_written: bool = option(
        False, "take every target as a class: numbers, several labels in a cell, NA and None too"
    )
    strict: bool = option(False, "stop at a row that cannot be read, instead of leaving it out")
    encoding: str | None = option(
        None, "of the data, such as gb18030 or cp1252; by default UTF-8, or what a mark says"
    )


PLAIN: dict[str, Any] = dict(
    smoothing=0.0, schedule="one-cycle", validation=0.1, test_share=0.1, embedding=100,
    words=30_000,
    min_count=1, tokens=256, layers=1, both_ways=True, pool="max", weight_decay=1e-2, clip=1.0,
)  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "lstm": dict(epochs=4, batch=50, lr=3e-3, hidden=100, dropout=0.5, channel_dropout=0.0),
    "gru": dict(epochs=4, batch=50, lr=3e-3, hidden=100, dropout=0.5, channel_dropout=0.0),
    "cnn": dict(epochs=4, batch=50, lr=1e-3, hidden=100, dropout=0.5, channel_dropout=0.0),
    "bag": dict(epochs=6, batch=64, lr=1e-2, hidden=1, dropout=0.3, channel_dropout=0.0),
}
FEW = 2_000  # training texts; below, steps are smaller and epochs more, or nothing is learnt
TUTORIAL: dict[str, Any] = dict(
    epochs=10, batch=128, lr=1e-3, weight_decay=0.0, smoothing=0.0, schedule="constant",
    validation=0.2, test_share=0.0, embedding=300, words=998, min_count=1, tokens=70, hidden=40,
    layers=1, both_ways=False, pool="max", dropout=0.0, channel_dropout=0.1, split_seed=123,
    bayes=False,
)  # fmt: skip


@dataclass(frozen=True)
class Encoded:
    """A text set as tokens.

    splits: name -> (tokens int32, length, label); vector: float32 (M, D) for the words at `rows`
    of the vocabulary, or None; notes: of coverage and of what was cut.
    """

    texts: TextSet
    tokenizer: Any
    splits: dict[str, tuple[Tensor, Tensor, Tensor]]
    rows: Tensor | None
    vector: Tensor | None
    coverage: dict[str, float] | None
    notes: list[str]


def load(config: Config, data: str, report: Any) -> Encoded:
    """Read the texts, learn the words, read their vectors."""
    from handloom.data.text.texts import load_texts
    from handloom.data.text.tokenizer import encode, learn_tokenizer
    from handloom.jobs.text_classifier.reading import cut_of, reading_of
    from handloom.jobs.text_classifier.word_vectors import vectors_for

    if config.preset and config.network != "lstm":
        raise UserError(f"the tutorial is an lstm: leave --network {config.network} out")
    chosen = filled(config)
    report("reading texts", 0, 0)
    texts = load_texts(data, cut_of(chosen), reading_of(config))
    keep = config.preset is None
    tokenizer = learn_tokenizer(
        texts.train.text, chosen["words"], chosen["min_count"], spaces=config.preset is not None
    )
    splits = {}
    for name, part in parts(texts).items():
        tokens, length = encode(tokenizer, part.text, chosen["tokens"], keep)
        assert part.label is not None
        splits[name] = (tokens, length, part.label)
    rows, vector, coverage, notes = vectors_for(config.vectors, tokenizer, splits["train"][0])
    return Encoded(texts, tokenizer, splits, rows, vector, coverage, [*texts.notes, *notes])


def filled(config: Config) -> dict[str, Any]:
    """Every option with what is chosen where nothing was said."""
    chosen = TUTORIAL if config.preset else PLAIN | DEFAULTS[config.network]
    frozen = {"freeze_vectors": config.freeze_vectors or config.preset is not None}
    return frozen | {
        name: chosen.get(name) if value is None else value
        for name, value in vars(config).items()
        if name not in frozen
    }


def resolve(config: Config, data: Encoded) -> Config:
    """Choose what was left open, for the number of texts and the width of the vectors."""
    chosen = filled(config)
    if len(data.texts.train) < FEW and not config.preset:
        few: dict[str, Any] = dict(batch=16, epochs=20)
        chosen |= {name: value for name, value in few.items() if vars(config)[name] is None}
    if chosen["bayes"] is None:  # of few texts and many classes it knows less than the network
        chosen["bayes"] = len(data.texts.classes) == 2 and len(data.texts.train) >= FEW
    if config.minutes is not None:
        chosen["epochs"] = config.epochs
    if data.vector is not None:
        width = data.vector.shape[1]
        if config.embedding not in (None, width):
            raise UserError(
                f"--embedding {config.embedding}, but the vectors of {config.vectors} are {width} "
                "wide: leave --embedding out"
            )
        chosen["embedding"] = width
    chosen["freeze_vectors"] = chosen["freeze_vectors"] and data.vector is not None
    return replace(config, **chosen)


def build(config: Config, data: Encoded, device: torch.device) -> Built:
    """Network, objective, buckets, optimizer."""
    if config.cuda_graph:
        raise UserError("--cuda-graph: batches of texts change in length: leave --cuda-graph out")
    from handloom.engine.loop import Experiment
    from handloom.engine.objective import trainable
    from handloom.engine.optim import Adam
    from handloom.engine.schedule import make, scheduled_lr

    record = _record(config, data)
    objective = _objective(config, data, networks(record)["network"], device)
    network = objective.network
    learnt = trainable(list(network.parameters()))
    decay = config.weight_decay or 0.0
    optimizer = Adam(learnt, config.lr or 0.0, weight_decay=decay, decoupled=True)
    train = _buckets(data, "train", config.batch or 1, device, config.seed)
    judged = "valid" if "valid" in data.splits else "test" if "test" in data.splits else None
    experiment = Experiment(
        objective=objective,
        train=train,
        optimizers={"network": optimizer},
        epochs=config.epochs or 1,
        networks={"network": network},
        precision=_precision(config, device),
        evaluations={judged: _buckets(data, judged, 256, device)} if judged else {},
        monitor="valid/loss" if judged == "valid" and not config.preset else None,
        lower_is_better=True,
        scheduled=scheduled_lr(optimizer, make(config.schedule or "constant")),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
    )
    return Built(single(experiment), record, data.notes)


def _objective(
    config: Config, data: Encoded, network: nn.Module, device: torch.device
) -> TextClassification:
    from handloom.engine.objective import nothing
    from handloom.models.text.classifiers import TextCNN, WordTable
    from handloom.models.text.naive_bayes import NaiveBayes
    from handloom.objectives.text_classification import TextClassification

    reading: nn.Module = network
    if isinstance(network, NaiveBayes):
        network.count(*data.splits["train"])
        reading = network.network
    if data.vector is not None and data.rows is not None:
        words = reading.get_submodule("words")
        assert isinstance(words, WordTable)
        words.begin_with(data.rows, data.vector)
    network.to(device)
    weight = _weights(data) if config.class_weights == "balanced" else None
    project = reading.project if isinstance(reading, TextCNN) else nothing
    return TextClassification(network, weight, config.smoothing or 0.0, project).to(device)


def parts(texts: TextSet) -> dict[str, Texts]:
    """The splits there are, by name."""
    found = {"train": texts.train, "valid": texts.valid, "test": texts.test}
    return {name: part for name, part in found.items() if part is not None}


def _record(config: Config, data: Encoded) -> dict[str, Any]:
    from handloom.data.text.tokenizer import saved

    return {
        "network": sizes(config, data.tokenizer.get_vocab_size(), len(data.texts.classes)),
        "classes": list(data.texts.classes),
        "tokenizer": saved(data.tokenizer),
        "preprocessing": {"tokens": config.tokens, "keep_unknown": config.preset is None},
        "coverage": data.coverage,
        "fingerprint": data.texts.fingerprint,
        "texts": {name: len(part) for name, part in parts(data.texts).items()},
    }


def _weights(data: Encoded) -> Tensor:
    """Inverse to how often a class occurs; 1 on average over the training texts."""
    import torch

    label = data.splits["train"][2]
    count = torch.bincount(label, minlength=len(data.texts.classes)).float()
    return len(label) / (count.clamp(min=1) * (count > 0).sum())


def _buckets(
    data: Encoded, split: str, batch: int, device: torch.device, seed: int | None = None
) -> Any:
    """Shuffled by `seed` for training; all, the shortest first, without one."""
    from handloom.data.text.buckets import Buckets

    return Buckets(*data.splits[split], batch, device, seed is not None, seed or 0)


def _precision(config: Config, device: torch.device) -> Any:
    """float32 on a CPU unless bfloat16 is asked for: at these widths the casts cost more than the
    products gain (LSTM 40, batch 128: 17.5 ms in bfloat16, 17.7 ms in float32)."""
    from handloom.engine.precision import Precision

    wanted = "float32" if device.type == "cpu" and config.precision == "auto" else config.precision
    return Precision.resolve(device, wanted)
