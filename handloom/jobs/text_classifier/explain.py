"""Logits and probabilities of texts, and the words that moved them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from handloom.data.text.tokenizer import UNKNOWN, cut, encode, opened, whole_characters
from handloom.engine.precision import Precision
from handloom.jobs.loading import Loaded
from handloom.jobs.text_classifier.records import Record

if TYPE_CHECKING:
    from tokenizers import Tokenizer


MOST_TOKENS = 1 << 20  # read together, padding included
MOST_RUNS = 256  # of a text, which are left out one by one


def logits_of(run: Loaded[Record], texts: list[str]) -> Tensor:
    """Logits (N, K) of a finished run, as its network gives them."""
    tokens, length = tokens_of(run, texts)
    return read(run.networks["network"], tokens, length, run.precision)


def probabilities_of(run: Loaded[Record], logits: Tensor) -> Tensor:
    """Class probabilities (N, K) of logits (N, K), at the temperature of a run."""
    temperature: float = run.config.get("temperature", 1.0)
    return (logits / temperature).softmax(1)


def tokens_of(run: Loaded[Record], texts: list[str]) -> tuple[Tensor, Tensor]:
    """Tokens, one text after the other, and lengths, as the run reads them."""
    return cut(*whole_tokens_of(run, texts), run.config["preprocessing"]["max_length"])


def tokenizer_of(run: Loaded[Record]) -> "Tokenizer":
    """The tokenizer of a run, opened once: a vocabulary of 17,000 words takes 20 ms."""
    return run.opened("tokenizer", lambda: opened(run.config["tokenizer"]))


class Word(NamedTuple):
    """A token as it stands in the text; is_known: whether the vocabulary has it."""

    text: str
    is_known: bool


def words_of(run: Loaded[Record], texts: list[str]) -> list[list[Word]]:
    """What each token of `tokens_of` was in its text, in the same order."""
    how = run.config["preprocessing"]
    tokenizer = tokenizer_of(run)
    most, keep_unknown = how["max_length"], how["keep_unknown"]
    words = []
    special = how["units"] == "pieces"
    whole = whole_characters(texts)
    for text, encoding in zip(
        texts, tokenizer.encode_batch(whole, add_special_tokens=special), strict=True
    ):
        parts = zip(encoding.ids, encoding.tokens, encoding.offsets, strict=True)
        row = [
            Word(text[start:end] or token, id != UNKNOWN)
            for id, token, (start, end) in parts
            if keep_unknown or id != UNKNOWN
        ]
        words.append((row or [Word("", False)])[-most:])
    return words


def whole_tokens_of(run: Loaded[Record], texts: list[str]) -> tuple[Tensor, Tensor]:
    """The same, of texts of any length."""
    how = run.config["preprocessing"]
    tokenizer = tokenizer_of(run)
    return encode(tokenizer, texts, how["keep_unknown"], special=how["units"] == "pieces")


@torch.no_grad()
def read(
    network: nn.Module,
    tokens: Tensor,
    length: Tensor,
    precision: Precision,
    batch: int = 256,
) -> Tensor:
    """Logits float32 (N, K), on the CPU, in the order of the texts.

    tokens: int32, all texts one after the other; length: int64 (N,), 1 at least; network: (tokens
    (B, T), length (B,)) -> logits (B, K), in eval mode.
    """
    starts, batches = length.cumsum(0) - length, []
    order = length.argsort(stable=True)
    for rows in _batches(order, length, batch):
        column = torch.arange(int(length[rows].max()))
        place = (starts[rows][:, None] + column).clamp(max=len(tokens) - 1)
        padded = tokens[place].long() * (column < length[rows][:, None])
        with precision.autocast():
            logits = network(padded.to(precision.device), length[rows].to(precision.device))
        batches.append(logits.float().cpu())
    return torch.cat(batches)[order.argsort()]


@torch.no_grad()
def moved(network: nn.Module, tokens: Tensor, label: int, precision: Precision) -> Tensor:
    """How much each word speaks for class `label`: float (T,), from one text's tokens int64 (T,).

    The fall of log p[label], at a temperature of 1, when the word is left out (Li et al. 2016,
    arXiv:1612.08220): positive for, negative against. It works alike for every network. Of a text
    of more than MOST_RUNS words, runs of neighbours are left out together, and each word has its
    run's fall.
    """
    count = len(tokens)
    if count < 2:
        return torch.zeros(count)
    size = -(-count // MOST_RUNS)
    without = [torch.cat([tokens[:at], tokens[at + size :]]) for at in range(0, count, size)]
    rows = torch.cat([tokens, *without]).int()
    length = torch.tensor([count, *map(len, without)])
    log = read(network, rows, length, precision).log_softmax(1)[:, label]
    return (log[0] - log[1:]).repeat_interleave(size)[:count]


def _batches(order: Tensor, length: Tensor, batch: int) -> Iterator[Tensor]:
    """Rows that are read together: `batch` at most, fewer of long texts."""
    for rows in torch.split(order, batch):
        yield from torch.split(rows, at_once(int(length[rows].max()), batch))


def at_once(longest: int, batch: int) -> int:
    """How many texts are read together, so that memory is bounded for long ones too."""
    return max(1, min(batch, MOST_TOKENS // max(longest, 1)))
