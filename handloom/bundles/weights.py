"""Published weights: of encoders of images and of texts, and of the network of style transfer."""

from functools import partial
from pathlib import Path

from handloom.bundles.item import Fetchable, copy
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import offline
from handloom.errors import UserError

STYLE = "vgg19"
FOLDER = "weights"


def encoder(spec: str) -> Fetchable:
    """The weights of `timm:NAME`, `torchvision:NAME`, `clip:NAME` or `simclr:NAME`.

    Raises UserError for a repository of the hub, whose description is not in a file of weights.
    """
    if "/" in spec:
        raise UserError(
            f"'{spec}' is a repository of the hub, which keeps it in a cache of its own: copy the "
            "folder that HF_HUB_CACHE names"
        )
    use = f"handloom embed DATA --encoder {spec}"
    return Fetchable(spec, "weights", partial(_here, spec), partial(_bring, spec), use)


def sentence(spec: str) -> Fetchable:
    """A sentence encoder, `sentence:NAME`: a folder of files."""
    use = f"handloom train text-classifier DATA --network {spec}"
    here, bring = partial(_sentence_here, spec), partial(_bring_sentence, spec)
    return Fetchable(spec, "weights", here, bring, use)


def style() -> Fetchable:
    """VGG-19, whose features style transfer compares."""
    use = "handloom stylize PHOTO PAINTING --out OUT"
    return Fetchable(STYLE, "weights", _style_here, _bring_style, use)


def _here(spec: str) -> Path | None:
    from handloom.encoders import WeightsAbsent
    from handloom.encoders.opening import architecture_of
    from handloom.encoders.weights import kept

    own = kept(spec.partition(":")[2])
    published = architecture_of(spec).published
    if own is not None or published is None:
        return own
    with offline():
        try:
            return published(None)
        except WeightsAbsent:
            return None


def _bring(spec: str, target: Path, report: ReportProgress | None) -> Path:
    from handloom.encoders.opening import architecture_of
    from handloom.encoders.weights import SUFFIXES, kept

    name = spec.partition(":")[2]
    published = architecture_of(spec).published
    if published is None:
        raise UserError(f"'{spec}' has no weights: there is nothing to fetch")
    path = kept(name) or published(report)
    # What torch.save wrote has several endings; weights are looked for under one of two.
    suffix = path.suffix if path.suffix in SUFFIXES else ".pth"
    return copy(path, target / FOLDER / f"{name}{suffix}")


def _sentence_here(spec: str) -> Path | None:
    from handloom.encoders.sentence import local

    return local(spec)


def _bring_sentence(spec: str, target: Path, _: ReportProgress | None) -> Path:
    from handloom.encoders.sentence import PREFIX, published

    own = _sentence_here(spec) or published(spec)
    return copy(own, target / FOLDER / spec.removeprefix(PREFIX))


def _style_here() -> Path | None:
    from handloom.jobs.stylize.network import find

    return find(STYLE)


def _bring_style(target: Path, report: ReportProgress | None) -> Path:
    from handloom.data.io.fetch import fetch
    from handloom.jobs.stylize.network import FILES, PUBLISHED

    own = _style_here()
    if own is not None:
        return copy(own, target / FILES[STYLE])
    fetch(PUBLISHED, target / FOLDER, report)
    return target / FILES[STYLE]
