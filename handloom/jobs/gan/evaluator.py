"""The judge of generated images: a network that knows the data, and what it says of a set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from handloom.engine.loop import Diverged
from handloom.errors import UserError
from handloom.jobs.gan.evaluator_network import (
    judge_network,
    recorded,
    reference_split,
    trained,
    unseen_split,
)
from handloom.metrics.distances import alike, closeness, fid, kid, likeness_width, nearest
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet, Images

MOST = 10_000  # real images, and training images among which copies are looked for
THUMBNAIL = 16  # pixels: sides of the small images that copies are looked for in, too
ROWS = 500  # images through the network at a time
SUBSETS, SUBSET = 50, 1000  # of KID
FARTHEST = 100.0  # what is told of ratios to real images that hardly differ


def _empty() -> Tensor:
    return torch.empty(0)


@dataclass
class Judge:
    """Judges generated images by features of a network that knows the data.

    record: what config.json holds under "judge"; with the tensors of `learn` it is all that is
        needed to judge on another machine (`restored`).
    data: what it learns from; None for a judge that was restored.
    Before `learn` or `take` it has no features to give. It is no module: its weights are in the
    run's reference, not in checkpoints.
    """

    record: dict[str, Any]
    device: torch.device
    data: DataSet | None = None
    accuracy: float | None = None  # of its network, on the real images, where they are unseen
    _network: nn.Module | None = field(default=None, repr=False)
    _real: Tensor = field(default_factory=_empty, repr=False)  # (R, F)
    _unseen: Tensor = field(default_factory=_empty, repr=False)  # (U, F), for the last judgement
    _training: Tensor = field(default_factory=_empty, repr=False)  # (T, F)
    _thumbnails: Tensor = field(default_factory=_empty, repr=False)  # (T, P)
    _own: Tensor = field(default_factory=_empty, repr=False)  # (2, T), to other training images
    _scale: Tensor = field(default_factory=_empty, repr=False)
    _width: Tensor = field(default_factory=_empty, repr=False)
    _likeness: Tensor = field(default_factory=_empty, repr=False)

    @torch.no_grad()
    def features(self, image: Tensor) -> Tensor:
        """Features and thumbnails side by side: (B, C, H, W) in [0, 1] -> (B, F + P) float32."""
        network = self._known()
        with torch.autocast(image.device.type, enabled=False):
            image = image.float().mul(255).round_().div_(255)  # as it would be saved
            seen: Tensor = network.features(image).float()  # type: ignore[operator]
            return torch.cat([seen, _thumbnail(image)], 1)

    @torch.no_grad()
    def metrics(self, features: Tensor) -> dict[str, Tensor]:
        """What a set of generated images is worth, from their features (N, F + P), N above 1.

        kid, fid: distances to the real images, 0 is best; features are first divided by their
            root mean square over the real ones, so that figures do not depend on the network's
            scale.
        diversity: 1 where images differ from each other as much as real ones do, 0.1 where they
            are alike ten times as often.
        nearest: how far an image is from its nearest training image, in units of how far that
            one is from its own nearest; well below 1 images are copies.
        pixels: the same on thumbnails instead of features.
        All are 0-dim tensors. Raises Diverged where a feature is no number.
        """
        if not bool(features.isfinite().all()):
            raise Diverged("the images of the generator are no longer numbers", "generator")
        seen, thumbnails = self._split(features.to(self._real.device))
        own, own_pixels = self._own
        real, drawn = self._real / self._scale, seen / self._scale
        return {
            "kid": kid(real, drawn, SUBSETS, SUBSET),
            "fid": fid(real, drawn),
            "diversity": (self._likeness / alike(seen, self._width).clamp(min=1e-9)).clamp(
                max=FARTHEST
            ),
            "nearest": closeness(*nearest(seen, self._training), own).clamp(max=FARTHEST),
            "pixels": closeness(*nearest(thumbnails, self._thumbnails), own_pixels).clamp(
                max=FARTHEST
            ),
        }

    @torch.no_grad()
    def likely(self, features: Tensor) -> Tensor | None:
        """The class every image looks like, int64 (N,), from features (N, F + P); None where the
        judge knows no classes."""
        if not self.record["classes"]:
            return None
        logits: Tensor = self._known().head(self._split(features)[0])  # type: ignore[operator]
        return logits.argmax(1)

    def against(self, images: Images, name: str) -> Judge:
        """A judge of the same features and scale whose real images are others, from `name`."""
        count = min(MOST, len(images))
        found = replace(self, record=self.record | {"reference": name, "real": count})
        found._look(self._split(self._over(images, count))[0].to(self._real.device))
        return found

    def final(self) -> Judge:
        """The judge of a finished generator: its real images are unseen ones, which did not tell
        the epoch to keep, where there are any (`record["unseen"]`)."""
        if not self.record.get("unseen"):
            return self
        found = replace(self, record=self.record | self.record["unseen"])
        found._look(self._unseen)
        return found

    def labels(self, count: int) -> Tensor:
        """Labels for `count` images, int64 (count,): every class as often as among real ones."""
        shares = torch.tensor(self.record["shares"], dtype=torch.float64)
        place = (torch.arange(count, dtype=torch.float64) + 0.5) / count * shares.sum()
        return torch.searchsorted(shares.cumsum(0), place).clamp(max=len(shares) - 1)

    def protocol(self, generated: int) -> str:
        """One sentence: what so many generated images are compared with, and how."""
        record = self.record
        real = f"{record['real']:,} images of {record['reference']}"
        right = f" ({100 * self.accuracy:.1f} % right)" if self.accuracy is not None else ""
        subset = min(SUBSET, generated, record["real"])
        copied = f"{record['training']:,} of {pluralize(record['trained'], 'training image')}"
        return (
            f"{pluralize(generated, 'generated image')} against {real}, in {record['features']} "
            f"features of {record['of']}{right}, divided by their root mean square over the real "
            f"ones; KID is the mean over {SUBSETS} subsets of "
            f"{subset:,}; copies are looked for among {copied}"
        )

    @property
    def notice(self) -> str:
        """What a person who waits for the first step should know."""
        return (
            f"before the first step a judge looks at {self.record['real']:,} real images and "
            f"{self.record['training']:,} training images, for some seconds"
        )

    def learn(self) -> dict[str, Tensor]:
        """Train the features on the training images, look at the real ones, and be ready.

        Takes some seconds and leaves the global generators as they were. What is returned belongs
        into the run's reference; `take` understands it.
        """
        assert self.data is not None, "a judge without data cannot learn"
        self._network, accuracy = trained(self.record, self.data, self.device)
        real = self._over(reference_split(self.data)[1], self.record["real"])
        training = self._over(self.data.train, self.record["training"])
        seen, thumbnails = self._split(training)
        tensors = {f"network/{name}": t for name, t in self._network.state_dict().items()}
        tensors |= {
            "real": self._split(real)[0].half(),
            "training": seen.half(),
            "thumbnails": (thumbnails * 255).round().byte(),
            "own": torch.stack([nearest(t, t, itself=True)[0] for t in (seen, thumbnails)]),
        }
        unseen = unseen_split(self.data)
        if unseen is not None:
            last = self._over(unseen, self.record["unseen"]["real"])
            tensors["unseen"] = self._split(last)[0].half()
        tensors |= {} if accuracy is None else {"accuracy": torch.tensor(accuracy)}
        self.take(tensors)
        return tensors

    @torch.no_grad()
    def take(self, tensors: dict[str, Tensor]) -> None:
        """Be ready with what `learn` returned, here or elsewhere.

        Raises UserError where it is of another judge.
        """
        try:
            network = judge_network(self.record)
            weights = {k.partition("/")[2]: t for k, t in tensors.items() if "/" in k}
            network.load_state_dict(weights)
            self._check(tensors)
            # Figures are made in float64, which Apple's GPUs do not have.
            home = torch.device("cpu") if self.device.type == "mps" else self.device
            names = (*_WHOLE, *(["unseen"] if self.record.get("unseen") else []))
            whole = {name: tensors[name].to(home).float() for name in names}
        except (KeyError, RuntimeError, ValueError) as error:
            raise UserError(
                "reference.safetensors of the run does not belong to its config.json "
                f"({str(error)[:200]}): restore both from one copy"
            ) from None
        self._network = network.to(self.device).eval()
        self._training, self._own = whole["training"], whole["own"]
        self._thumbnails = whole["thumbnails"] / 255
        self._unseen = whole.get("unseen", _empty())
        self.accuracy = tensors["accuracy"].item() if "accuracy" in tensors else None
        self._scale = whole["real"].square().mean().sqrt().clamp(min=1e-12)
        self._look(whole["real"])

    def _check(self, tensors: dict[str, Tensor]) -> None:
        """Raise ValueError where a shape is not what the record says."""
        real, training = (self.record[name] for name in ("real", "training"))
        height, width, channels = self.record["size"]
        small = min(height, THUMBNAIL) * min(width, THUMBNAIL) * channels
        features = self.record["features"]
        expected = {
            "real": (real, features),
            "training": (training, features),
            "thumbnails": (training, small),
            "own": (2, training),
        }
        if self.record.get("unseen"):
            expected["unseen"] = (self.record["unseen"]["real"], features)
        for name, shape in expected.items():
            if tensors[name].shape != shape:
                raise ValueError(f"{name} has the shape {tuple(tensors[name].shape)}, not {shape}")

    def _look(self, real: Tensor) -> None:
        """Compare with these from now on, (R, F)."""
        self._real, self._width = real, likeness_width(real)
        self._likeness = alike(real, self._width)

    def _known(self) -> nn.Module:
        assert self._network is not None, "the judge has not learned yet"
        return self._network

    def _split(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, F) and thumbnails (N, P)."""
        width = self.record["features"]
        return features[:, :width].contiguous(), features[:, width:].contiguous()

    def _over(self, images: Images, count: int) -> Tensor:
        """Features and thumbnails of `count` images, evenly over the set, (count, F + P)."""
        from handloom.data.loaders import InMemoryLoader

        rows = torch.arange(count) * len(images) // count
        source = InMemoryLoader({"image": images.image[rows]}, ROWS, self.device, shuffle=False)
        return torch.cat([self.features(batch["image"]) for batch in source.batches(0)])


_WHOLE = ("real", "training", "thumbnails", "own")


def judge(config: Any, data: DataSet, device: torch.device, seed: int = 0) -> Judge:
    """A judge for a generative job; cheap, since it learns when it is asked to.

    config: options; `judge` is the path of published weights, or None. seed: not used, a judge has
    its own, so that runs of all seeds over the same data are judged by the same one.
    """
    return Judge(recorded(config.judge, data, MOST), device, data)


def restored(record: dict[str, Any], tensors: dict[str, Tensor], device: torch.device) -> Judge:
    """The judge of a finished run, from "judge" in config.json and reference.safetensors."""
    found = Judge(record, device)
    found.take(tensors)
    return found


def _thumbnail(image: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, P): sides of THUMBNAIL pixels at most, flattened."""
    height, width = (min(side, THUMBNAIL) for side in image.shape[2:])
    return nn.functional.adaptive_avg_pool2d(image, (height, width)).flatten(1)
