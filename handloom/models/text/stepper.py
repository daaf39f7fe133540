"""A character network asked for one character after the other."""

import torch
from torch import Tensor, nn

from handloom.models.text.char_rnn import blank


class Stepper:
    """Call it with a token and it gives the logits (V,) of the next; the state is kept inside.

    network: a CharRNN or ScratchRNN; it is put into evaluation mode.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network, self.state = network.eval(), blank(network, 1)

    @torch.no_grad()
    def __call__(self, token: int) -> Tensor:
        tokens = torch.tensor([[token]], device=self.state.device)  # (B, T) = (1, 1)
        logits, self.state = self.network(tokens, self.state)
        return logits[0, 0].float()  # type: ignore[no-any-return]
