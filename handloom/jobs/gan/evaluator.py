"""Evaluates generated images by features of a network that knows the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from handloom.division.sample import sample_rows
from handloom.engine.loop import Diverged
from handloom.errors import UserError
from handloom.jobs.gan.evaluator_network import (
    check_shapes,
    evaluator_record,
    feature_network,
    reference_name,
    reference_split,
    thumbnail,
    trained,
    unseen_split,
)
from handloom.metrics.distances import (
    frechet_distance,
    kernel_distance,
    mean_similarity,
    nearest,
    relative_distance,
    similarity_bandwidth,
)
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet, Images
    from handloom.jobs.gan.records import EvaluatorRecord, Floor

MOST = 10_000  # real images, and training images that are searched for copies
ROWS = 500  # images through the network at a time
LARGEST = 100.0  # reported ratio to real images, which may hardly differ


def _empty() -> Tensor:
    return torch.empty(0)


@dataclass
class Evaluator:
    """Compares generated images with real ones, by features of a network.

    record: "evaluator" of config.json; with the tensors of `fit` it suffices to evaluate on another
        machine (`restored`).
    data: what it is fitted to; None for a restored one.
    accuracy: of its classifier on the real images, where those were held out; else None.
    It works after `fit` or `restore`. It is not a module, since its weights are saved in the run's
    reference.safetensors and not in checkpoints.
    """

    record: EvaluatorRecord
    device: torch.device
    data: DataSet | None = None
    accuracy: float | None = None
    _network: nn.Module | None = field(default=None, repr=False)
    _real: Tensor = field(default_factory=_empty, repr=False)  # (R, F)
    _unseen: Tensor = field(default_factory=_empty, repr=False)  # (U, F), for the final evaluation
    _training: Tensor = field(default_factory=_empty, repr=False)  # (T, F)
    _thumbnails: Tensor = field(default_factory=_empty, repr=False)  # (T, P)
    _own: Tensor = field(
        default_factory=_empty, repr=False
    )  # (2, T), distance to the nearest other training image
    _scale: Tensor = field(default_factory=_empty, repr=False)
    _bandwidth: Tensor = field(default_factory=_empty, repr=False)
    _similarity: Tensor = field(default_factory=_empty, repr=False)

    @torch.no_grad()
    def features(self, image: Tensor) -> Tensor:
        """Features, then pixels of thumbnails: (B, C, H, W) in [0, 1] -> (B, F + P) float32."""
        network = self._fitted()
        with torch.autocast(image.device.type, enabled=False):
            image = image.float().mul(255).round_().div_(255)  # as in an image file
            features: Tensor = network.features(image).float()  # type: ignore[operator]
            return torch.cat([features, thumbnail(image)], 1)

    @torch.no_grad()
    def metrics(self, features: Tensor) -> dict[str, Tensor]:
        """Metrics of generated images, from their features (N, F + P), N above 1; 0-dim tensors.

        kernel_distance, frechet_distance: to the real images, 0 is best. Features are divided by
            their root mean square over the real images first, so that the scale of the network
            does not matter.
        diversity: 1 where images differ from each other as much as real ones do, 0.1 where a pair
            is ten times as similar on average.
        nearest: distance to the nearest training image, relative to that one's distance to its own
            nearest; well below 1 images are copies.
        nearest_pixels: the same of thumbnails instead of features.
        Raises Diverged where a feature is not finite.
        """
        measured = self.measured(features)
        del measured["kernel_distance_standard_error"]
        return measured

    @torch.no_grad()
    def measured(self, features: Tensor) -> dict[str, Tensor]:
        """`metrics`, and how sure they are: kernel_distance_standard_error, over both samples."""
        if not bool(features.isfinite().all()):
            raise Diverged("the images of the generator are no longer finite", "generator")
        seen, thumbnails = self._split(features.to(self._real.device))
        own, own_pixels = self._own
        real, generated = self._real / self._scale, seen / self._scale
        similarity = mean_similarity(seen, self._bandwidth).clamp(min=1e-9)
        pixels = relative_distance(*nearest(thumbnails, self._thumbnails), own_pixels)
        distance = kernel_distance(real, generated)
        return {
            "kernel_distance": distance.value,
            "kernel_distance_standard_error": distance.standard_error,
            "frechet_distance": frechet_distance(real, generated),
            "diversity": (self._similarity / similarity).clamp(max=LARGEST),
            "nearest": relative_distance(*nearest(seen, self._training), own).clamp(max=LARGEST),
            "nearest_pixels": pixels.clamp(max=LARGEST),
        }

    @torch.no_grad()
    def floor(self, count: int) -> Floor | None:
        """The distances of training images to the real ones, as many as are generated (`count`)
        where there are so many; None where the real images are the training images."""
        if self.record["reference"] == reference_name("train"):
            return None
        rows = sample_rows(len(self._training), count).to(self._training.device)
        real, training = self._real / self._scale, self._training[rows] / self._scale
        return {
            "images": len(rows),
            "kernel_distance": round(kernel_distance(real, training).value.item(), 6),
            "frechet_distance": round(frechet_distance(real, training).item(), 6),
        }

    @torch.no_grad()
    def classify(self, features: Tensor) -> Tensor | None:
        """The class of every image, int64 (N,), from features (N, F + P); None without classes."""
        if not self.record["classes"]:
            return None
        logits: Tensor = self._fitted().head(self._split(features)[0])  # type: ignore[operator]
        return logits.argmax(1)

    def against(
        self, images: Images, name: str, shares: Sequence[float] | None = None
    ) -> Evaluator:
        """The same evaluator, compared with other real images, those of `name`.

        shares: of the run's classes among these; None where that is not known, and they stay.
        """
        count = min(MOST, len(images))
        record = self.record | {"reference": name, "real": count}
        other = replace(self, record=record | ({} if shares is None else {"shares": [*shares]}))
        other._compare_with(self._split(self._features_of(images, count))[0].to(self._real.device))
        return other

    def final(self) -> Evaluator:
        """The evaluator of a finished generator: compared with real images that did not choose the
        best epoch, where there are any (`record["unseen"]`)."""
        unseen = self.record.get("unseen")
        if unseen is None:
            return self
        last = replace(self, record={**self.record, **unseen})
        last._compare_with(self._unseen)
        return last

    def labels(self, count: int) -> Tensor:
        """Labels for `count` images, int64 (count,), as frequent as among the real images."""
        shares = torch.tensor(self.record["shares"], dtype=torch.float64)
        quantile = (torch.arange(count, dtype=torch.float64) + 0.5) / count * shares.sum()
        return torch.searchsorted(shares.cumsum(0), quantile).clamp(max=len(shares) - 1)

    def protocol(self, generated: int) -> str:
        """One sentence: what `generated` generated images are compared with, and how."""
        record = self.record
        real = f"{record['real']:,} images of {record['reference']}"
        accuracy = f" (accuracy {100 * self.accuracy:.1f} %)" if self.accuracy is not None else ""
        searched = f"{record['training']:,} of {pluralize(record['trained'], 'training image')}"
        return (
            f"{pluralize(generated, 'generated image')} against {real}, in {record['features']} "
            f"features of {record['of']}{accuracy}, divided by their root mean square over the "
            f"real images; kernel distance: over all pairs; copies are "
            f"searched among {searched}"
        )

    @property
    def notice(self) -> str:
        """A note on why the first step takes some seconds."""
        return (
            f"before the first step the evaluator takes some seconds for "
            f"{self.record['real']:,} real and {self.record['training']:,} training images"
        )

    def fit(self) -> dict[str, Tensor]:
        """Train the feature network and compute the features of real and training images.

        Takes some seconds; the global generators are left as they were. Returns the tensors of
        the run's reference, from which `restore` prepares another evaluator.
        """
        assert self.data is not None, "a restored evaluator has no data to fit"
        self._network, accuracy = trained(self.record, self.data, self.device)
        real = self._features_of(reference_split(self.data)[1], self.record["real"])
        training = self._features_of(self.data.train, self.record["training"])
        seen, thumbnails = self._split(training)
        tensors = {f"network/{name}": t for name, t in self._network.state_dict().items()}
        tensors |= {
            "real": self._split(real)[0].half(),
            "training": seen.half(),
            "thumbnails": (thumbnails * 255).round().byte(),
            "own": torch.stack([nearest(t, t, same=True)[0] for t in (seen, thumbnails)]),
        }
        unseen, known = unseen_split(self.data), self.record["unseen"]
        if unseen is not None and known is not None:
            last = self._features_of(unseen, known["real"])
            tensors["unseen"] = self._split(last)[0].half()
        tensors |= {} if accuracy is None else {"accuracy": torch.tensor(accuracy)}
        self.restore(tensors)
        return tensors

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Prepare from the tensors of `fit`.

        Raises UserError if they belong to another evaluator.
        """
        try:
            network = feature_network(self.record["network"])
            weights = {k.partition("/")[2]: t for k, t in tensors.items() if "/" in k}
            network.load_state_dict(weights)
            check_shapes(self.record, tensors)
            # Distances are computed in float64, which MPS does not have.
            home = torch.device("cpu") if self.device.type == "mps" else self.device
            names = (*_SAVED, *(["unseen"] if self.record.get("unseen") else []))
            saved = {name: tensors[name].to(home).float() for name in names}
        except (KeyError, RuntimeError, ValueError) as error:
            raise UserError(
                "reference.safetensors of the run does not match its config.json "
                f"({str(error)[:200]}): restore both from one copy"
            ) from None
        self._network = network.to(self.device).eval()
        self._training, self._own = saved["training"], saved["own"]
        self._thumbnails = saved["thumbnails"] / 255
        self._unseen = saved.get("unseen", _empty())
        self.accuracy = tensors["accuracy"].item() if "accuracy" in tensors else None
        self._scale = saved["real"].square().mean().sqrt().clamp(min=1e-12)
        self._compare_with(saved["real"])

    def _compare_with(self, real: Tensor) -> None:
        """Set the features of the real images, (R, F)."""
        self._real, self._bandwidth = real, similarity_bandwidth(real)
        self._similarity = mean_similarity(real, self._bandwidth)

    def _fitted(self) -> nn.Module:
        assert self._network is not None, "call fit or restore first"
        return self._network

    def _split(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, F) and thumbnails (N, P)."""
        width = self.record["features"]
        return features[:, :width].contiguous(), features[:, width:].contiguous()

    def _features_of(self, images: Images, count: int) -> Tensor:
        """Features and thumbnails of `count` images, of every class its share, (count, F + P)."""
        from handloom.data.loaders import InMemoryLoader

        fields = {"image": images.sample(count).image}
        loader = InMemoryLoader(fields, ROWS, self.device, shuffle=False)
        return torch.cat([self.features(batch["image"]) for batch in loader.batches(0)])


_SAVED = ("real", "training", "thumbnails", "own")


def evaluator_for(weights: str | None, data: DataSet, device: torch.device) -> Evaluator:
    """An evaluator of images like `data`, still to be fitted.

    weights: path of the weights of a pretrained feature network, or None to train one. Its seed is
    fixed, so that runs with any seed on the same data have the same evaluator.
    """
    return Evaluator(evaluator_record(weights, data, MOST), device, data)


def restored(
    record: EvaluatorRecord, tensors: dict[str, Tensor], device: torch.device
) -> Evaluator:
    """The evaluator of a finished run, from its config.json and reference.safetensors."""
    evaluator = Evaluator(record, device)
    evaluator.restore(tensors)
    return evaluator
