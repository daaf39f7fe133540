"""CLIP: the vectors of an image and its caption are alike, those of others in a batch are not."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.objective import Batch, Loss, Objective, Phase
from handloom.metrics.retrieval import recalls

AT_ONCE = 512  # texts read together for metrics


class Clip(Objective):
    """Minimises the symmetric cross-entropy of the images and captions of a batch.

    With vectors u of images and v of captions, of length 1, s_ij = scale * <u_i, v_j>, and P_i the
    captions of the batch that mean the same as one of image i's,

        loss = 1/2 mean_i -1/|P_i| sum_{j in P_i} log softmax_j(s_ij)
             + 1/2 mean_j -1/|Q_j| sum_{i in Q_j} log softmax_i(s_ij),

    Q_j the images of which j is in P_i. Where no caption comes twice this is CLIP (Radford et al.
    2021, arXiv:2103.00020, fig. 3). A caption that several images of a batch have is right for all
    of them and a negative for none (Yang et al. 2022, arXiv:2204.03610, eq. 2 to 4).

    Batch fields: `caption` int64 (B, C), rows of the table of captions, all of the image, repeated
    where it has fewer; and `image` float (B, C, H, W) in [0, 1], or `features` float (B, V, F) by
    a frozen network, of V views of the image, the first of which is the image itself.
    One caption and one view of each image are chosen at random for a step.

    Phase `network`: those parameters that are handed in; its scale is kept at 100 or below.

    network: with `images`, `of_features`, `texts` and `scale`, as models.clip.CLIP.
    tokens int64 (M, T), length int64 (M,): the captions. group int64 (M,): those of one number mean
    the same. augment: image -> image, while training.
    Related: objectives.simclr, which compares two views of an image.
    """

    tokens: Tensor
    length: Tensor
    group: Tensor

    def __init__(
        self,
        network: nn.Module,
        parameters: list[nn.Parameter],
        tokens: Tensor,
        length: Tensor,
        group: Tensor,
        augment: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.network, self.augment = network, augment
        self._parameters_trained = parameters
        for name, value in (("tokens", tokens), ("length", length), ("group", group)):
            self.register_buffer(name, value, persistent=False)

    def phases(self) -> list[Phase]:
        project = self.network.clamp_scale
        return [Phase("network", self.loss, self._parameters_trained, project=project)]  # type: ignore[arg-type]

    def loss(self, batch: Batch) -> Loss:
        caption = batch["caption"]
        choice = torch.randint(caption.shape[1], (len(caption), 1), device=caption.device)
        row = caption.gather(1, choice)[:, 0]  # (B,)
        image = self._images(batch)
        text = self.network.texts(self.tokens[row], self.length[row])  # type: ignore[operator]
        same = self.group[caption][:, None] == self.group[row][None, :, None]  # (B, B, C)
        positive = same.any(2)
        scale: Tensor = self.network.scale  # type: ignore[assignment]
        with torch.autocast(image.device.type, enabled=False):
            logits = scale.float() * (image @ text.T)  # (B, B)
        loss = (_cross_entropy(logits, positive) + _cross_entropy(logits.T, positive.T)) / 2
        nearest = positive.gather(1, logits.detach().argmax(1)[:, None])
        return loss, {"accuracy": nearest.float().mean(), "scale": scale.detach()}

    def _images(self, batch: Batch) -> Tensor:
        """Vectors (B, D) of the images; of features, of one view each, the first in evaluation."""
        if "features" not in batch:
            image = batch["image"]
            changed = image if self.augment is None or not self.training else self.augment(image)
            vectors: Tensor = self.network.images(changed)  # type: ignore[operator]
            return vectors
        features = batch["features"]
        views = features.shape[1] if self.training else 1
        choice = torch.randint(views, (len(features), 1, 1), device=features.device)
        view = features.gather(1, choice.expand(-1, 1, features.shape[2]))[:, 0]
        made: Tensor = self.network.of_features(view)  # type: ignore[operator]
        return made

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"image": self._images(batch), "caption": batch["caption"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Recall among the images and the different captions of a set, see `metrics.retrieval`."""
        caption = outputs["caption"]
        rows = caption.unique()
        was_training = self.training
        self.eval()
        parts = [self.network.texts(self.tokens[part], self.length[part])  # type: ignore[operator]
                 for part in rows.split(AT_ONCE)]  # fmt: skip
        self.train(was_training)
        return recalls(outputs["image"], torch.cat(parts), self.group[caption], self.group[rows])


def _cross_entropy(logits: Tensor, positive: Tensor) -> Tensor:
    """Mean over rows of -log softmax, itself a mean over what is right in a row; (B, B) both."""
    log_share = F.log_softmax(logits, 1)
    share = positive / positive.sum(1, keepdim=True)
    return -(share * log_share).sum(1).mean()
