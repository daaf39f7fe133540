"""Style transfer: a photo painted like a painting, from small to large."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handloom.config import SEED, option
from handloom.errors import UserError

if TYPE_CHECKING:
    from handloom.data.images.photo import Opened


@dataclass(frozen=True, kw_only=True)
class Config:
    """Options of `stylize`."""

    preset: Literal["tutorial"] | None = option(
        None, "tutorial: Gatys' method as the classic tutorial has it, slow"
    )
    size: int | None = option(None, "short side of the result in pixels", 1, 16384)
    iterations: int | None = option(
        None,
        "evaluations at the last size; smaller sizes get half as many again",
        1,
        synonyms=("steps", "epochs"),
    )
    scales: int | None = option(None, "how many sizes, each half the next; 1: the last alone", 1, 8)
    network: Literal["auto", "vgg19", "vgg19-small", "random"] = option(
        "auto", "what judges: VGG-19, its 16 times compressed form, or random filters (texture)"
    )
    weights: str | None = option(None, "file of the network's weights, .pth or .safetensors")
    optimizer: Literal["auto", "lbfgs", "adam"] | None = option(
        None, "auto is lbfgs, and adam at sizes where --memory leaves no room for lbfgs"
    )
    lr: float | None = option(None, "of adam, in standard deviations (0.22) of a pixel", 0)
    history: int | None = option(None, "steps that lbfgs remembers", 1, 100)
    pooling: Literal["average", "max"] | None = option(None, "average is smoother")
    style_weight: float | None = option(None, "of the painting, content being 1", 0)
    content_weight: float = option(1.0, "of the photo", 0)
    smoothness: float | None = option(None, "weight of small steps between neighbours", 0)
    style_weights: str | None = option(None, "one number a painting, as 0.7,0.3; equal by default")
    style_scale: float = option(1.0, "short side of the paintings in that of the result", 0.05, 8)
    masks: str | None = option(
        None, "white where a painting goes: one image for each, as sky.png,ground.png"
    )
    keep_colors: bool = option(False, "the photo's own colours, as --colors luminance")
    colors: Literal["painting", "luminance", "histogram"] | None = option(
        None,
        "luminance: only light and dark are painted; histogram: the painting takes the photo's",
    )
    start: str = option("photo", "photo, noise, or the path of an image")
    memory: str | None = option(None, "most memory of the whole process, as 2G or 800M")
    tile: int | None = option(None, "side of tiles in pixels, margin included", 64)
    margin: int | None = option(None, "pixels around a tile that are computed too", 0, 512)
    frame_every: int | None = option(None, "iterations between frames", 1)
    seed: int = option(0, "of noise and of random filters", *SEED)
    device: str = option("auto", "cpu, cuda, cuda:1 or mps; auto takes the fastest there is")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", "of the network; auto takes bfloat16 where the machine multiplies it natively"
    )


TUTORIAL = dict(
    size=400,
    iterations=2000,
    scales=1,
    optimizer="adam",
    lr=0.003,
    history=10,
    pooling="max",
    style_weight=1e6,
    smoothness=0.0,
)
DEFAULTS = dict(
    size=512,
    iterations=60,
    optimizer="auto",
    lr=0.1,
    history=10,
    pooling="average",
    style_weight=30.0,
    smoothness=20.0,
)
SMALLEST_SCALE = 100  # pixels: below it a painting has nothing left to say
# Style layers and the content layer. The tutorial reads convolutions before their ReLU.
PUBLISHED = {"conv1_1": 1.0, "conv2_1": 0.8, "conv3_1": 0.25, "conv4_1": 0.21, "conv5_1": 0.18}
FULL = {f"full{i}_1": 0.2 for i in range(1, 6)}
RELUS = {f"relu{i}_1": 0.2 for i in range(1, 6)}


@dataclass
class Images:
    """What was given, opened and checked."""

    photo: Opened
    styles: list[Opened]
    masks: list[Opened]
    start: Opened | None
    notes: list[str]
    fingerprint: str


def load(config: Config, photo: Path, styles: list[Path]) -> Images:
    """Open every image; a UserError for what is missing, broken or does not fit together."""
    import hashlib

    from handloom.data.images.photo import Opened

    if not styles:
        raise UserError("no painting was given: name one or more after the photo")
    masks = [Path(name) for name in (config.masks or "").split(",") if name]
    if masks and len(masks) not in (len(styles), len(styles) - 1):
        raise UserError(
            f"{len(masks)} masks were given for {len(styles)} paintings: give one for each, or one "
            "fewer, the last painting then takes the rest"
        )
    shares(config, len(styles))
    start = None if config.start in ("photo", "noise") else Path(config.start)
    paths = [photo, *styles, *masks, *([start] if start else [])]
    found = [Opened(path) for path in paths]
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    paintings, rest = found[1 : 1 + len(styles)], found[1 + len(styles) :]
    notes = [note for opened in found[: 1 + len(styles)] for note in opened.notes]
    return Images(
        found[0],
        paintings,
        rest[: len(masks)],
        rest[len(masks)] if start else None,
        notes,
        digest.hexdigest(),
    )


def resolve(config: Config) -> Config:
    """Choose what was left open."""
    if config.preset == "tutorial" and config.network == "random":
        raise UserError("the tutorial reads VGG-19: leave --preset out, or --network random")
    chosen = TUTORIAL if config.preset else DEFAULTS
    if config.network == "random" and not config.preset:
        chosen = chosen | dict(style_weight=3.0, smoothness=8.0)
    left_open: dict[str, Any] = {k: v for k, v in chosen.items() if asdict(config)[k] is None}
    colors = config.colors or ("luminance" if config.keep_colors else "painting")
    config = replace(config, colors=colors, **left_open)
    if config.scales is None:
        config = replace(config, scales=_scales(config))
    return config


def shares(config: Config, paintings: int) -> list[float]:
    """Weight of each painting, with sum 1."""
    if config.style_weights is None:
        return [1 / paintings] * paintings
    try:
        given = [float(part) for part in config.style_weights.split(",")]
    except ValueError:
        raise UserError(
            f"--style-weights {config.style_weights}: give one number for each painting, as 0.7,0.3"
        ) from None
    if len(given) != paintings or min(given) < 0 or not 0 < sum(given) < float("inf"):
        raise UserError(
            f"--style-weights {config.style_weights}: {paintings} paintings need {paintings} "
            "numbers, none below 0 and not all 0"
        )
    return [share / sum(given) for share in given]


def judged(config: Config) -> Any:
    """The weights of the loss and the layers it reads, for the network and the preset."""
    from handloom.objectives.style_transfer import Weights

    content, layers = "relu4_2", RELUS
    if config.preset:
        content, layers = "conv4_2", PUBLISHED
    elif config.network == "vgg19-small":
        layers = FULL
    elif config.network == "random":
        from handloom.models.image.random_filters import SCALES

        content, layers = "blurred", {name: 1 / len(SCALES) for name in SCALES}
    assert config.style_weight is not None
    assert config.smoothness is not None
    return Weights(
        config.content_weight,
        config.style_weight,
        config.smoothness,
        content,
        layers,
        published=config.preset is not None,
    )


@dataclass(frozen=True)
class Stage:
    """One size: height and width in pixels, and evaluations."""

    height: int
    width: int
    iterations: int

    @property
    def epoch(self) -> int:
        """Iterations in an epoch: the largest divisor up to 10, so that epochs come out even."""
        return next(n for n in range(10, 0, -1) if self.iterations % n == 0)


def stages(config: Config, images: Images) -> list[Stage]:
    """From the smallest size to the last; proportions are the photo's."""
    assert config.size
    assert config.scales
    assert config.iterations
    found = []
    for halvings in range(config.scales - 1, -1, -1):
        height, width = images.photo.sized(max(1, config.size // 2**halvings))
        coarse = config.iterations * 3 // 2 if halvings else config.iterations
        found.append(Stage(height, width, -(-coarse // 10) * 10 if halvings else coarse))
    return found


def check_sizes(found: list[Stage], images: Images, smallest: int) -> None:
    """A UserError where an image is too small for the deepest layer."""
    for opened in (images.photo, *images.styles):
        if opened.short_side < smallest:
            width, height = opened.image.size
            raise UserError(
                f"{opened.path} is {width}x{height} pixels, and the network's deepest layer needs "
                f"{smallest} at the short side: take a larger image"
            )
    if min(found[0].height, found[0].width) < smallest:
        raise UserError(
            f"--size {min(found[-1].height, found[-1].width)} makes {found[0].height}x"
            f"{found[0].width} pixels the first size, and the network needs {smallest}: give a "
            "larger --size or fewer --scales"
        )


def _scales(config: Config) -> int:
    assert config.size
    count = 1
    while config.size // 2**count >= SMALLEST_SCALE and count < 8:
        count += 1
    return count
