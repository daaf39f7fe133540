"""Judge the generator of a finished run, from the run directory alone."""

from typing import Any

import torch
from torch import Tensor

from handloom.data import load as load_pictures
from handloom.data.pictures import Pictures
from handloom.errors import UserError
from handloom.inference.health import verdict, words
from handloom.load import Loaded
from handloom.recipes.generation import LEAST
from handloom.recipes.judge import Judge, restored
from handloom.wording import counted

FEWEST, MOST = 2_000, 10_000  # generated pictures
ROWS = 250
TRUSTED = 0.8  # of pictures a judge gets right, before it is asked for classes
CHOSEN = "; the same real pictures told which epoch to keep"


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: what the kept generator is worth."""
    return evaluate(run)


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """How like the real pictures the drawn ones are; needs no data.

    data: judge against these pictures (their test split, or all) instead of those the run keeps
    features of, by the same features.

    Returns {"data", "reference", "pictures" (generated), "real", "kid", "fid", "diversity",
    "nearest", "pixels", "protocol", "words": [sentences on what is wrong]} and, where the judge
    tells classes apart, "shares": {class: share of the drawn pictures that look like it}; of a
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
        "pictures": count,
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


def sentence(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    obeys = f", {100 * found['obedience']:.1f} % of the class asked" if "obedience" in found else ""
    said = "".join(f"; {text}" for text in found["words"])
    return (
        f"KID {found['kid']:.4f}, FID {found['fid']:.2f}, diversity {found['diversity']:.2f}, "
        f"nearest training picture {found['nearest']:.2f}{obeys} ({found['protocol']}){said}"
    )


def _judge(run: Loaded) -> Judge:
    tensors, record = run.directory.reference(), run.config.get("judge")
    if tensors is None or record is None:
        raise UserError(
            f"{run.directory.path} has no reference.safetensors, by which pictures are judged: "
            "restore it, or resume the run where its data are"
        )
    return restored(record, tensors, run.device)


def _others(run: Loaded, data: str) -> tuple[Pictures, str] | None:
    """The pictures of a set, its test split where it has one, and their name; None where they are
    the run's own, wherever they lie by now."""
    shape = run.config["preprocessing"]
    found = load_pictures(
        data, size=shape["size"][0], channels=shape["channels"], validation=0.0, labelled=False
    )
    if found.fingerprint == run.config["fingerprint"]:
        return None
    given, name = found.train, data
    if found.test is not None:
        given, name = found.test, f"the test split of {data}"
    if len(given) < LEAST:
        raise UserError(
            f"{data} has {counted(len(given), 'picture')}: {LEAST} at least are needed to say how "
            "far drawn pictures are from them"
        )
    return given, name


@torch.no_grad()
def _drawn(run: Loaded, judge: Judge, count: int) -> tuple[Tensor, Tensor | None]:
    """Features of pictures drawn from fixed latents, (count, F + P), and their labels, (count,),
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
