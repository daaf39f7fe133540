"""Language modelling: predict the next token of running text."""

import math

from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.objective import Batch, Loss, Objective, Phase

UNSCORED = -100  # cross_entropy's own mark for targets that do not count
CODE_POINTS = 0x110000


class LanguageModel(Objective):
    """Minimises -log p(target_t | tokens up to t), the mean over the batch, by truncated
    backpropagation through time (Williams and Peng 1990): state is carried from batch to batch,
    gradients are not.

    Batch fields: `tokens` and `target` int64 (B, T), `first` bool (B,), true where the state must
    be forgotten. A target equal to the size of the vocabulary is a character never seen in
    training; UNSCORED targets only warm the state up. Phase `network`: every parameter.

    network: (tokens, state (S, L, B, H)) -> (logits (T, B, V), state).
    state, eval_state: zeros for as many streams as training and evaluation have.
    escape: share of probability kept for characters never seen, spread evenly over Unicode.
    """

    state: Tensor
    eval_state: Tensor

    def __init__(
        self, network: nn.Module, state: Tensor, eval_state: Tensor, escape: float
    ) -> None:
        super().__init__()
        self.network, self.escape = network, escape
        self.register_buffer("state", state, persistent=False)
        self.register_buffer("eval_state", eval_state, persistent=False)

    def phases(self) -> list[Phase]:
        return [Phase("network", self.loss, list(self.network.parameters()))]

    def loss(self, batch: Batch) -> Loss:
        logits = self._read(batch, self.state)
        return F.cross_entropy(logits.flatten(0, 1).float(), batch["target"].t().flatten()), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        logits = self._read(batch, self.eval_state).transpose(0, 1)  # (B, T, V)
        nll = escaped_nll(logits, batch["target"], self.escape)
        return {"nll": nll.flatten(), "is_scored": (batch["target"] != UNSCORED).flatten()}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return language_metrics(outputs["nll"], outputs["is_scored"])

    def _read(self, batch: Batch, carried: Tensor) -> Tensor:
        state = carried.masked_fill(batch["first"][None, None, :, None], 0.0)
        logits: Tensor
        logits, state = self.network(batch["tokens"], state)
        carried.copy_(state.detach())
        return logits


def escaped_nll(logits: Tensor, target: Tensor, escape: float) -> Tensor:
    """Nats of every character, 0 where it is not scored: logits (B, T, V), target (B, T).

    A known character costs -log((1 - escape) p), one never seen in training
    -log(escape / (1114112 - V)): together a proper code for any text.
    """
    vocabulary = logits.shape[-1]
    unknown, unscored = target == vocabulary, target == UNSCORED
    known = target.masked_fill(unknown | unscored, 0)
    nll = F.cross_entropy(logits.float().flatten(0, 1), known.flatten(), reduction="none")
    nll = nll.view_as(target) - math.log1p(-escape)
    nll = nll.masked_fill(unknown, math.log((CODE_POINTS - vocabulary) / escape))
    return nll.masked_fill(unscored, 0.0)


def language_metrics(nll: Tensor, is_scored: Tensor) -> dict[str, Tensor]:
    """bits_per_character, perplexity and loss (nats) of scored characters; nll, is_scored: (N,).

    All are NaN where that of one of these is, which is a network that has diverged.
    """
    loss = nll.double().masked_fill(~is_scored, 0.0).sum() / is_scored.sum()
    return {"bits_per_character": loss / math.log(2), "perplexity": loss.exp(), "loss": loss}
