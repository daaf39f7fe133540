"""Judge the generator of a finished run, from the run directory alone."""

from typing import Any

import torch
from torch import Tensor

from handloom.data.images import load as load_images
from handloom.data.images.dataset import Images
from handloom.errors import UserError
from handloom.jobs.gan.evaluator import Judge, restored
from handloom.jobs.generation.options import LEAST
from handloom.jobs.loading import Loaded
from handloom.metrics.gan_health import verdict, words
from handloom.wording import pluralize

FEWEST, MOST = 2_000, 10_000  # generated images
ROWS = 250
TRUSTED = 0.8  # of images a judge gets right, before it is asked for classes
CHOSEN = "; the same real images told which epoch to keep"


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: what the kept generator is worth."""
    return evaluate(run)


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """How like the real images the drawn ones are; needs no data.

    data: judge against these images (their test split, or all) instead of those the run keeps
    features of, by the same features.

    Returns {"data", "reference", "images" (generated), "real", "kid", "fid", "diversity",
    "nearest", "pixels", "protocol", "words": [sentences on what is wrong]} and, where the judge
    tells classes apart, "shares": {class: share of the drawn images that look like it}; of a
    conditional run also "obedience", the share that looks like the class that was asked for.
    """
    others = None if data is None else _others(run, data)
    if others is not None:
        judge, chosen = _judge(run).against(*others), ""
    else:
        judge = _judge(run).final()
        chosen = "" if judge.record.get("unseen") else CHOSEN
    count = min(MOST, max(FEWEST, judge.record["real"]))
    features, label = _drawn(run, judge, count)
    found: dict[str, Any] = {
        "data": data or run.config["data"],
        "reference": judge.record["reference"],
        "images": count,
        "real": judge.record["real"],
        **{name: round(value.item(), 6) for name, value in judge.metrics(features).items()},
        "protocol": judge.protocol(count) + chosen,
    }
    likely = judge.likely(features)
    if likely is not None and (judge.accuracy or 0.0) >= TRUSTED:
        classes = judge.record["classes"]
        shares = torch.bincount(likely, minlength=len(classes)) / count
        found["shares"] = dict(zip(classes, (round(s, 6) for s in shares.tolist()), strict=True))
        if label is not None:
            found["obedience"] = round((likely == label).float().mean().item(), 6)
    of_kept = verdict(found, judge.record["shares"])
    return found | {"words": of_kept + words(run.directory.metrics())}


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    obeys = f", {100 * found['obedience']:.1f} % of the class asked" if "obedience" in found else ""
    said = "".join(f"; {text}" for text in found["words"])
    return (
        f"KID {found['kid']:.4f}, FID {found['fid']:.2f}, diversity {found['diversity']:.2f}, "
        f"nearest training image {found['nearest']:.2f}{obeys} ({found['protocol']}){said}"
    )


def _judge(run: Loaded) -> Judge:
    tensors, record = run.directory.reference(), run.config.get("judge")
    if tensors is None or record is None:
        raise UserError(
            f"{run.directory.path} has no reference.safetensors, by which images are judged: "
            "restore it, or resume the run where its data are"
        )
    return restored(record, tensors, run.device)


def _others(run: Loaded, data: str) -> tuple[Images, str] | None:
    """The images of a set, its test split where it has one, and their name; None where they are
    the run's own, wherever they lie by now."""
    shape = run.config["preprocessing"]
    found = load_images(
        data, size=shape["size"][0], channels=shape["channels"], validation=0.0, labelled=False
    )
    if found.fingerprint == run.config["fingerprint"]:
        return None
    given, name = found.train, data
    if found.test is not None:
        given, name = found.test, f"the test split of {data}"
    if len(given) < LEAST:
        raise UserError(
            f"{data} has {pluralize(len(given), 'image')}: {LEAST} at least are needed to say how "
            "far drawn images are from them"
        )
    return given, name


@torch.no_grad()
def _drawn(run: Loaded, judge: Judge, count: int) -> tuple[Tensor, Tensor | None]:
    """Features of images drawn from fixed latents, (count, F + P), and their labels, (count,),
    of a conditional run: as often as the real ones have them."""
    generator: Any = run.networks["generator"]
    latent = run.networks["prior"](count, torch.Generator().manual_seed(0))
    label = judge.labels(count).to(run.device) if run.config["conditional"] else None
    features = []
    for rows in torch.arange(count, device=run.device).split(ROWS):
        with run.precision.autocast():
            image = generator.draw(latent[rows], None if label is None else label[rows])
        features.append(judge.features(image))
    return torch.cat(features), label
