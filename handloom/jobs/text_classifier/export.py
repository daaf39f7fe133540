"""What a text classifier ships: probabilities of the tokens of a text."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from handloom.data.text.tokenizer import token_rows
from handloom.errors import UserError
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, CHECKED, Port, Program, in_batches, spread, without_data
from handloom.jobs.text_classifier.explain import tokenizer_of
from handloom.jobs.text_classifier.portable import portable
from handloom.jobs.text_classifier.records import Record, TextPreprocessing
from handloom.jobs.text_classifier.verbs import own_texts

TIME = "time"  # the free size that counts the tokens of the longest text
READING = ("text_column", "target_column", "unclear_labels")  # options of the training
WORDS = 40  # of a text that stands in for a real one
USAGE = """\
import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

session = onnxruntime.InferenceSession("FILE")
known = json.loads(session.get_modelmeta().custom_metadata_map["handloom"])
tokenizer, how = Tokenizer.from_str(json.dumps(known["tokenizer"])), known["preprocessing"]
ids = tokenizer.encode("some text", add_special_tokens=how["units"] == "pieces").ids
ids = ids if how["keep_unknown"] else [token for token in ids if token != 1]
ids = (ids or [1 if how["keep_unknown"] else 0])[-how["max_length"] :]
given = {"tokens": np.array([ids]), "length": np.array([len(ids)])}
(probabilities,) = session.run(None, given)
best = probabilities[0].argmax()
print(known["classes"][best], probabilities[0, best])
"""


class ProbabilitiesOfTokens(nn.Module):
    """Tokens (B, T) and length (B,) to probabilities (B, K): softmax(logits / temperature)."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        logits: Tensor = self.network(tokens, length)
        return (logits.float() / self.temperature).softmax(1)


def export(run: Loaded[Record]) -> list[Program]:
    """The classifier with its temperature, and its tokenizer beside it."""
    return [_classifier(run, *_check_texts(run))]


def answering(run: Loaded[Record]) -> Program:
    """The same, checked on random words."""
    return _classifier(run, _stand_ins(run), "random words")


def _classifier(run: Loaded[Record], texts: list[str], about: str) -> Program:
    """texts: to check it on; about: what they are."""
    config, network = run.config, run.networks["network"]
    temperature = config.get("temperature")
    reading = {name: run.recorded[name] for name in READING}
    known: dict[str, Any] = {"classes": config["classes"], "preprocessing": config["preprocessing"]}
    known |= {"temperature": temperature, "reading": reading, "tokenizer": config["tokenizer"]}
    return Program(
        "classifier",
        "text-classification",
        ProbabilitiesOfTokens(network, temperature or 1.0),
        (
            Port("tokens", "int64", (BATCH, TIME), "of each text, padded with 0 at the end"),
            Port("length", "int64", (BATCH,), "how many tokens of each text count"),
        ),
        (Port("probabilities", "float32", (BATCH, len(config["classes"])), "of every class"),),
        _batches(run, texts),
        about,
        USAGE,
        known | {"in_graph": ["softmax(logits / temperature)"]},
        written=lambda format: ProbabilitiesOfTokens(portable(network, format), temperature or 1.0),
        limits=_limits(config["preprocessing"]),
    )


def _limits(preprocessing: TextPreprocessing) -> dict[str, int]:
    """A pretrained transformer has places for so many tokens; networks of words have no end."""
    is_pretrained = preprocessing["units"] == "pieces"
    return {TIME: int(preprocessing["max_length"])} if is_pretrained else {}


def _batches(run: Loaded[Record], texts: list[str]) -> tuple[tuple[Tensor, ...], ...]:
    """Tokens (B, T), as wide as the longest text of the batch, and lengths."""
    how = run.config["preprocessing"]
    rows = token_rows(tokenizer_of(run), texts, how["keep_unknown"], how["units"] == "pieces")
    rows = [tokens[-how["max_length"] :] for tokens in rows]
    batches = []
    for part in in_batches(len(rows)):
        length = torch.tensor([len(tokens) for tokens in rows[part]])
        tokens = [torch.tensor(tokens) for tokens in rows[part]]
        padded = nn.utils.rnn.pad_sequence(tokens, batch_first=True)
        missing = max(0, 2 - padded.shape[1])  # a tracer takes a size of 1 to be 1 always
        batches.append((nn.functional.pad(padded, (0, missing)), length))
    return tuple(batches)


def _check_texts(run: Loaded[Record]) -> tuple[list[str], str]:
    """CHECKED texts, and what they are: of the run's own data, or words of its vocabulary."""
    try:
        texts = own_texts(run)
    except UserError as error:
        return _stand_ins(run), f"random words, {without_data(error)}"
    split = texts.held_out or "train"
    known = texts.splits[split].text
    return [known[row] for row in spread(len(known))], f"texts of its {split} split"


def _stand_ins(run: Loaded[Record]) -> list[str]:
    words = sorted(tokenizer_of(run).get_vocab())
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randint(len(words), (CHECKED, WORDS), generator=generator).tolist()
    return [" ".join(words[place] for place in row[: 1 + number]) for number, row in
            enumerate(chosen)]  # fmt: skip
