"""The model card beside every file, README.md in Hugging Face's format.

Mitchell et al. 2019, "Model cards for model reporting", arXiv:1810.03993. The header is what
https://huggingface.co/docs/hub/model-cards describes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.export.card_files import files_part
from handloom.export.licences import (
    beginnings,
    encoder_of,
    licence_of,
    of_encoder,
    repository_of,
)
from handloom.export.metadata import data_name

if TYPE_CHECKING:
    from typing import Any

    from handloom.encoders import Encoder
    from handloom.export.results import Written
    from handloom.jobs.loading import Loaded
    from handloom.jobs.program import Program
    from handloom.runs.records import Evaluated, RunConfig

OURS = "library_name: handloom"  # a line of every card of ours
MOST_CLASSES = 100  # named


def card_place(file: Path) -> Path:
    """README.md beside a file, where that is free or the card of a file of this stem; else STEM.md.

    Raises UserError where both are taken by others.
    """
    readme, own = file.with_name("README.md"), file.with_suffix(".md")
    for place in (readme, own):
        known = place.read_text("utf-8", "replace") if place.exists() else None
        if known is None or (OURS in known and f"`{file.stem}." in known):
            return place
    raise UserError(f"{readme} and {own} exist already: give another --out for the model card")


def run_card(
    run: Loaded[RunConfig],
    programs: Sequence[Program],
    made: Sequence[Written],
    kept: Sequence[str] = (),
) -> str:
    """The card of what a run ships. kept: `kept_blocks` of the card that it takes the place of."""
    config, evaluation = run.config, run.directory.evaluation()
    parts = [
        _header(programs, made, kept, encoder_of(config), data_name(run), run),
        f"# {run.job.name.capitalize()} of {data_name(run)}\n",
        f"{run.job.summary[0].upper()}{run.job.summary[1:]}. Trained by "
        f"Handloom {config['versions']['handloom']} on "
        f"{config['created'][:10]}.\n",
        _data(run),
        _accuracy(run, evaluation),
        _limits(run, evaluation),
        _licence(beginnings(config)),
        files_part(programs, made, kept),
    ]
    return "\n".join(parts)


def encoder_card(
    encoder: Encoder, programs: Sequence[Program], made: Sequence[Written], kept: Sequence[str] = ()
) -> str:
    """The card of an encoder; kept: as of `run_card`."""
    parts = [
        _header(programs, made, kept, encoder.spec),
        f"# {encoder.spec} as an encoder\n",
        f"Images to vectors of {encoder.width:,} numbers of length 1, by {encoder.spec} without "
        "its head. Compare them by inner products.\n",
        _licence([of_encoder(encoder.spec)]),
        files_part(programs, made, kept),
    ]
    return "\n".join(parts)


def _header(
    programs: Sequence[Program], made: Sequence[Written], kept: Sequence[str], encoder: str | None,
    data: str | None = None, run: Loaded[RunConfig] | None = None,
) -> str:  # fmt: skip
    """YAML; a string in JSON's quotes is YAML too. A licence stands there where all is known."""
    task = programs[0].task
    formats = {made[0].format} | {block.split("`")[1].rpartition(".")[2] for block in kept}
    tags = ", ".join(["handloom", *sorted(formats)])
    lines = ["---", OURS, f"pipeline_tag: {task}", f"tags: [{tags}]"]
    licence = None if encoder is None else licence_of(encoder)
    if licence is not None and (run is None or len(beginnings(run.config)) == 1):
        lines.append(f"license: {licence}")
    base = None if encoder is None else repository_of(encoder)
    if base is not None:
        lines.append(f"base_model: {json.dumps(base)}")
    if run is not None:
        lines += _index(run, task, json.dumps(data))
    return "\n".join([*lines, "---\n"])


def _index(run: Loaded[RunConfig], task: str, data: str) -> list[str]:
    """The metrics of the run as Hugging Face lists them. data: its name in quotes."""
    evaluation: Mapping[str, Any] = run.directory.evaluation() or {}
    known = evaluation.get("split")
    split = "" if known is None else f", split: {json.dumps(known)}"
    values = [(name, evaluation[name]) for name in run.job.metrics if name in evaluation]
    if not values:
        return []
    return [
        "model-index:",
        f"- name: {json.dumps(f'{run.job.name} of {data_name(run)}')}",
        "  results:",
        f"  - task: {{type: {task}}}",
        f"    dataset: {{name: {data}, type: {data}{split}}}",
        "    metrics:",
        *(f"    - {{type: {name}, value: {value}}}" for name, value in values),
    ]


def _data(run: Loaded[RunConfig]) -> str:
    config = run.config
    counts = config.get("images") or config.get("texts") or config.get("characters") or {}
    splits = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    about = f"{data_name(run)} ({splits})" if splits else data_name(run)
    lines = ["## Data\n", f"{about}; fingerprint `{config['fingerprint']}`.\n"]
    classes = config.get("classes") or []
    if classes:
        shown = ", ".join(f"`{name}`" for name in classes[:MOST_CLASSES])
        more = f" and {len(classes) - MOST_CLASSES:,} more" if len(classes) > MOST_CLASSES else ""
        lines.append(f"{len(classes)} classes: {shown}{more}.\n")
    return "\n".join(lines)


def _accuracy(run: Loaded[RunConfig], evaluation: Evaluated | None) -> str:
    from handloom.jobs.training.reporting import describe

    if evaluation is None:
        return "## How good it is\n\nNot evaluated: no data were held out.\n"
    figures = describe(run.job, evaluation)
    return "\n".join(["## How good it is\n", *(f"- {figure}" for figure in figures), ""])


def _limits(run: Loaded[RunConfig], evaluation: Evaluated | None) -> str:
    limits = [f"{warning}." for warning in (evaluation or {}).get("warnings", ())]
    if (evaluation or {}).get("optimistic"):
        limits.append("The figures above are optimistic: the data they are of chose something.")
    if "confusion" in (evaluation or {}):
        limits.append("It knows the classes above alone, and names one of them for anything.")
        temperature = run.config.get("temperature")
        limits.append(
            "Its probabilities are not calibrated." if temperature is None
            else f"Its probabilities are calibrated on data like its own (temperature "
            f"{temperature:g}), and on no others."
        )  # fmt: skip
    limits.append("The figures hold for data like those it was trained on, and for no others.")
    return "\n".join(["## Limits\n", *(f"- {line[0].upper()}{line[1:]}" for line in limits), ""])


def _licence(sentences: Sequence[str]) -> str:
    own = "Its weights began at random, so their licence is its owner's to choose, within that of "
    text = "\n\n".join(sentences) or f"{own}the data."
    return f"## Licence\n\n{text}\n"
