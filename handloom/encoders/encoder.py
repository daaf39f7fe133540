"""What every encoder is: a network without a head, how it wants its images, and a fingerprint.

One that reads words has a side for texts too, whose vectors are compared with those of images.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from handloom.data.images.reading import Preprocessing
from handloom.data.io.progress import ReportProgress
from handloom.data.io.weights import read_weights
from handloom.data.text.reader import TokenReading, passed_over
from handloom.encoders.fold import folded
from handloom.engine.inference import images_at_once
from handloom.engine.precision import Precision, channels_last
from handloom.errors import UserError
from handloom.models.layers.normalize import Normalize

State = dict[str, Tensor]
TEXTS = 64  # that are read at a time


class Backbone(nn.Module):
    """image (B, C, H, W) in [0, 1] to features (B, D).

    body: normalized image to features (B, D), to maps (B, D, H, W) or to tokens (B, T, D); of maps
    and tokens the mean is taken. mean, std: of the network's training images, by channel.
    """

    def __init__(
        self, body: nn.Module, channels: int, mean: Sequence[float], std: Sequence[float]
    ) -> None:
        super().__init__()
        self.normalize = Normalize(channels, mean, std)
        self.body = body

    def forward(self, image: Tensor) -> Tensor:
        features: Tensor = self.body(self.normalize(image))
        if features.ndim == 4:
            return features.mean((2, 3))
        return features.mean(1) if features.ndim == 3 else features


@dataclass(frozen=True)
class TextSide:
    """What reads the texts of an encoder that reads words.

    tokenize: texts to the arguments of the network, each beginning with B. network: to (B, D).
    reading: what `tokenize` does as a file can hold it; None where it cannot be described.
    unknown: the words of a text that it does not know, and whether it knows any; None where it
    knows all.
    """

    tokenize: Callable[[Sequence[str]], tuple[Tensor, ...]]
    network: nn.Module
    reading: Callable[[], TokenReading | None]
    unknown: Callable[[str], tuple[tuple[str, ...], bool]] | None = None


class LoadedWeights(NamedTuple):
    """Tensors by name, and where they came from, for a person to read."""

    state: State
    source: str


def read_file(path: Path) -> LoadedWeights:
    """LoadedWeights from a file that holds nothing else."""
    return LoadedWeights(read_weights(path), str(path))


@dataclass(frozen=True)
class Architecture:
    """A network that can be an encoder, with weights at random, as its source describes it.

    body: see `Backbone`. head: names in a file of its weights that belong to what was removed.
    preprocessing: "size" [H, W], "channels", "fit", "background", "crop", "interpolation".
    published: fetches the published weights, and returns their file; None: it has no weights.
    converted: weights in another layout of the same network to its own.
    whole: the network whose weights a file holds, where that is more than the body. text: its side
    for texts. identity: what the fingerprint knows the network by, where that is not its name.
    read: reads a file of its weights.
    """

    body: nn.Module
    head: frozenset[str]
    preprocessing: Preprocessing
    mean: tuple[float, ...]
    std: tuple[float, ...]
    published: Callable[[ReportProgress | None], Path] | None
    converted: Callable[[State], State] = lambda state: state
    whole: nn.Module | None = None
    text: TextSide | None = None
    identity: str | None = None
    read: Callable[[Path], LoadedWeights] = read_file

    @property
    def holder(self) -> nn.Module:
        """The network that weights are loaded into."""
        return self.whole if self.whole is not None else self.body


@dataclass(frozen=True)
class Encoder:
    """Images to features, and texts too where it reads words.

    spec: what it is, such as "timm:tf_efficientnet_lite0". width: D, numbers of a feature vector.
    preprocessing: how an image is brought to it, in the form that `data.images` takes.
    fingerprint: 32 hexadecimal digits over network, weights and preprocessing.
    network: image (B, C, H, W) in [0, 1] to (B, D); in eval mode, on the device.
    weights: where its weights came from, for a person to read; None where it has none.
    text: its side for texts; None where it reads no words.
    """

    spec: str
    width: int
    preprocessing: Preprocessing
    fingerprint: str
    network: nn.Module
    precision: Precision
    weights: str | None = None
    text: TextSide | None = None

    @property
    def batch(self) -> int:
        """Images that go through the network at a time, always as many: more of small ones."""
        height, width = self.preprocessing["size"]
        return images_at_once(height, width, self.precision.device)

    @cached_property
    def folded(self) -> nn.Module:
        """A copy of the network for encoding alone, which later changes of it do not reach."""
        height, width = self.preprocessing["size"]
        shape = (1, self.preprocessing["channels"], height, width)
        example = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        return channels_last(folded(self.network, example.to(self.precision.device)))

    @torch.no_grad()
    def __call__(self, image: Tensor) -> Tensor:
        """uint8 (N, H, W, C), decoded as `preprocessing` says, to float32 (N, D) on the CPU.

        The last batch is filled up, so that features do not depend on how many images there are:
        kernels for other batch sizes round differently.
        """
        if not len(image):
            return torch.empty(0, self.width)
        return torch.cat([self._padded(rows) for rows in image.split(self.batch)])

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """float32 (N, D) on the CPU, to be compared with features of images by their cosine.

        Raises UserError where the encoder reads no words.
        """
        if self.text is None:
            raise UserError(f"the encoder {self.spec} reads no words: give images, or clip:NAME")
        parts, device = [torch.empty(0, self.width)], self.precision.device
        for start in range(0, len(texts), TEXTS):
            tokens = self.text.tokenize(texts[start : start + TEXTS])
            with self.precision.autocast():
                features: Tensor = self.text.network(*(each.to(device) for each in tokens))
            parts.append(features.float().cpu())
        return torch.cat(parts)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words of a text that are not known, and are passed over.

        Raises UserError for a text of which no word is known.
        """
        if self.text is None or self.text.unknown is None:
            return ()
        return passed_over(self.text.unknown, text, self.spec)

    def _padded(self, image: Tensor) -> Tensor:
        count = len(image)
        if count < self.batch:
            image = torch.cat([image, image[-1:].expand(self.batch - count, -1, -1, -1)])
        pixels = image.to(self.precision.device).permute(0, 3, 1, 2).float().div_(255)
        with self.precision.autocast():
            features: Tensor = self.folded(pixels)
        return features[:count].float().cpu()


def fingerprint(
    name: str, preprocessing: Mapping[str, object], weights: Mapping[str, Tensor]
) -> str:
    """32 hexadecimal digits over a network's name, its weights and how images are brought to it.

    It does not depend on versions of libraries. How a set was decoded beyond that (the levels of
    its deep images) is content, and part of the images' own digest.
    """
    known = hashlib.blake2b(digest_size=16)
    known.update(json.dumps([name, preprocessing], sort_keys=True).encode())
    for key in sorted(weights):
        value = weights[key].detach().cpu().contiguous()
        known.update(f"{key} {tuple(value.shape)} {value.dtype}".encode())
        known.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return known.hexdigest()
