"""What a character language model ships: one character in, what may follow out, and its state."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from handloom.errors import UserError
from handloom.jobs.char_rnn.records import Record
from handloom.jobs.char_rnn.verbs import own_text
from handloom.jobs.loading import Loaded
from handloom.jobs.program import BATCH, SIZES, Port, Program, without_data
from handloom.models.text.char_rnn import blank

STEPS = 5  # characters, one after the other, that each batch is checked on
USAGE = """\
import json

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("FILE")
known = json.loads(session.get_modelmeta().custom_metadata_map["handloom"])
state = np.zeros(known["state"], np.float32)
random, token = np.random.default_rng(0), known["start"]
for _ in range(200):
    logits, state = session.run(None, {"token": np.array([token]), "state": state})
    odds = np.exp(logits[0].astype(np.float64) / 0.7)  # a temperature of 0.7
    token = random.choice(len(odds), p=odds / odds.sum())
    print(known["vocabulary"][token], end="")
"""


class OneStep(nn.Module):
    """Token (B,) and state (S, L, B, H) to logits (B, V) of the next one and the new state."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, token: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits, state = self.network(token[:, None], state)
        return logits[0].float(), state


def export(run: Loaded[Record]) -> list[Program]:
    """The network, asked for one character a call."""
    network, vocabulary = run.networks["network"], run.config["vocabulary"]
    step = OneStep(network)
    tensors, layers, _, hidden = blank(network, 1).shape
    size = (tensors, layers, BATCH, hidden)
    checks, about = _checks(run, step)
    start = vocabulary.find("\n")
    return [
        Program(
            "writer",
            "text-generation",
            step,
            (
                Port("token", "int64", (BATCH,), "places in the vocabulary"),
                Port("state", "float32", size, "of the call before; zeros begin a text"),
            ),
            (
                Port("logits", "float32", (BATCH, len(vocabulary)), "of the next token"),
                Port("next_state", "float32", size, "for the next call"),
            ),
            checks,
            about,
            USAGE,
            {
                "vocabulary": vocabulary,
                "start": start if start >= 0 else run.config["frequent"],
                "state": [tensors, layers, 1, hidden],
                "in_graph": ["look-up, recurrent layers and the last linear layer; no softmax"],
            },
        )
    ]


@torch.no_grad()
def _checks(run: Loaded[Record], step: OneStep) -> tuple[tuple[tuple[Tensor, ...], ...], str]:
    """Characters of the text one after the other, each with the state that those before left."""
    tokens, about = _tokens(run)
    batches = []
    for size in SIZES:
        state = blank(step.network, size)
        for token in tokens[: size * STEPS].view(size, STEPS).T:
            batches.append((token, state))
            state = step(token, state)[1]
    return tuple(batches), about


def _tokens(run: Loaded[Record]) -> tuple[Tensor, str]:
    """Tokens (35,) of the end of the run's own text, or at random."""
    count, known = max(SIZES) * STEPS, len(run.config["vocabulary"])
    random = torch.randint(known, (count,), generator=torch.Generator().manual_seed(0))
    try:
        text = own_text(run)
    except UserError as error:
        return random, f"random characters, {without_data(error)}"
    end = text.train + text.held_out
    tokens = text.lut[text.corpus.ids[max(0, end - count) : end].long()]
    tokens = torch.where(tokens == known, run.config["frequent"], tokens)
    return torch.cat([tokens, random])[:count], "characters of its own text"
