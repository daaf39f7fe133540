"""What a run says of its own images, none of which it was trained on when it says it.

Validation and test images are answered by the network itself. Training images are answered by
linear heads on features, each fold by a head that was solved on the others. Of a pretrained network
the features are the encoder's, which has never seen a label. The last features of a network trained
from scratch have learned wrong labels by heart and hide most of them; its first maps, which know
little of labels, show them (`benchmarks/wrong_labels.py --heads` prints both).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom.division.sample import sample_rows
from handloom.engine.maps import first_map_layer, output_of
from handloom.errors import UserError
from handloom.jobs.classification.linear_head import out_of_fold
from handloom.jobs.classifier.config import Resolved
from handloom.jobs.classifier.logits import logits_of
from handloom.metrics.confident_learning import is_telling
from handloom.models.image.transferred import Transferred

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet, Images
    from handloom.encoders import Encoder
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

FOLDS = 5
MOST = 5_000  # training images that are answered: some seconds, and below 1 GB at 224 pixels
STRENGTH = 0.03  # of heads on the features of a network trained from scratch
BATCH = 256
CELLS = 4  # a side, into which maps are averaged
SIDE = 16  # pixels a side of an image that is its own features


@dataclass(frozen=True)
class Answers:
    """Logits (N, K) of some images of a split, and their labels int64 (N,).

    rows: int64 (N,), which images of the split they are. temperature: what logits are divided by
    for a confidence. is_by_heads: they are not the network's.
    """

    split: str
    images: Images
    rows: Tensor
    label: Tensor
    logits: Tensor
    temperature: float = 1.0
    is_by_heads: bool = False

    @cached_property
    def probability(self) -> Tensor:
        """Of every class, (N, K), without the temperature, which hides wrong labels from heads."""
        return self.logits.softmax(1)

    @cached_property
    def predicted(self) -> Tensor:
        """The likeliest class, int64 (N,)."""
        return self.logits.argmax(1)

    @cached_property
    def is_telling(self) -> bool:
        """Whether those that contradict a label are worth a look."""
        return is_telling(self.predicted, self.label)

    @cached_property
    def confidence(self) -> Tensor:
        """Its probability, (N,), at the temperature."""
        return (self.logits / self.temperature).softmax(1).amax(1)


def split_logits(run: Loaded[Record], split: str, images: Images) -> Tensor:
    """Logits (N, K) of a split of the run's own data, before the temperature."""
    return run.once(("logits", split), lambda: logits_of(run, images.image))


def held_out(run: Loaded[Record], data: DataSet) -> list[Answers]:
    """The network's answers for the validation and the test images, where there are any."""
    temperature = run.config.get("temperature", 1.0)
    answers = []
    for split, images in data.splits.items():
        if split != "train" and len(images):
            assert images.label is not None
            logits, rows = split_logits(run, split, images), torch.arange(len(images))
            answers.append(Answers(split, images, rows, images.label, logits, temperature))
    return answers


def of_training_images(run: Loaded[Record], data: DataSet) -> Answers | None:
    """Answers for the training images, at most 5,000 of them, by folds.

    None where there are too few of them for folds, or where the encoder's weights are not at hand.
    """
    return run.once("answers for the training images", lambda: _of_training_images(run, data))


def _of_training_images(run: Loaded[Record], data: DataSet) -> Answers | None:
    images = data.train
    assert images.label is not None
    rows = sample_rows(len(images), MOST, images.label)
    fold = data.folds(FOLDS)[rows]
    features = _features(run, images if len(rows) == len(images) else images.subset(rows))
    if features is None or len(fold.unique()) < 2:
        return None
    label, options = images.label[rows], run.options(Resolved)
    strength = options.strength or STRENGTH
    is_balanced = options.class_weights == "balanced"
    logits = out_of_fold(features, label, fold, len(run.config["classes"]), strength, is_balanced)
    return Answers("train", images, rows, label, logits, is_by_heads=True)


def _features(run: Loaded[Record], images: Images) -> Tensor | None:
    network = run.networks["network"]
    if not isinstance(network, Transferred):
        return _first_maps(run, images.image)
    from handloom.encoders.features import of_images

    try:
        return of_images(images.image, encoder_before_tuning(run))
    except UserError:
        return None


def encoder_before_tuning(run: Loaded[Record]) -> Encoder:
    """The encoder of a pretrained run as it was before any tuning.

    Raises UserError where its weights are needed and are not there.
    """
    from handloom.encoders import Encoder, find, preprocessing
    from handloom.encoders.encoder import fingerprint

    network = run.networks["network"]
    assert isinstance(network, Transferred)
    recorded, options = run.config["encoder"], run.options(Resolved)
    assert recorded is not None  # of a pretrained network
    if options.tune == "all":
        from handloom.jobs.classifier.defaults import weights_of

        return find(recorded["name"], weights_of(options), run.device, run.precision.name)
    name, how, weights = recorded["name"], preprocessing(recorded["name"]), network.backbone
    known = recorded["fingerprint"]
    if run.config.get("from_run"):  # its encoder has the weights of another run
        known = fingerprint(name, how, weights.state_dict())
    return Encoder(
        name, network.head.in_features, how, known, weights, run.precision, recorded["weights"]
    )


@torch.no_grad()
def _first_maps(run: Loaded[Record], image: Tensor) -> Tensor:
    """The first smaller maps of a network, in 4x4 cells, float32 (N, D); of one without maps the
    image itself."""
    network, batches = run.networks["network"], []
    layer = first_map_layer(network, _pixels(run, image[:1]))
    for rows in image.split(BATCH):
        pixels = _pixels(run, rows)
        maps = pixels if layer is None else output_of(network, layer, pixels)
        batches.append(adaptive_avg_pool2d(maps.float(), CELLS if layer else SIDE).flatten(1).cpu())
    return torch.cat(batches)


def _pixels(run: Loaded[Record], image: Tensor) -> Tensor:
    return image.to(run.device).permute(0, 3, 1, 2).float().div_(255)
