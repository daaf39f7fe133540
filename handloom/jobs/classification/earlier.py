"""The division of the run whose mistakes.csv is taken back: its examples stay where they were.

A run keeps what it was divided by in its folder `divided`, as files like its own learned.bin, since
the earlier run may go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classification.corrections import KEPT, CorrectionOptions
from handloom.runs.directory import RunDirectory
from handloom.runs.learned import FILES, Learned
from handloom.wording import are, pluralize

if TYPE_CHECKING:
    from handloom.runs.records import RunConfig

FOLDER = "divided"


def earlier_division(config: object) -> Learned | None:
    """What is known to be in the splits of an earlier run, by which a training is divided.

    That run is the one that `--corrections` lies in, and for the corrections that a run keeps it is
    the run before it. None without such a run, where it records no held-out split, as older ones do
    not, and where the training asks for another division (`_is_another`).
    """
    if not isinstance(config, CorrectionOptions) or config.corrections is None:
        return None
    path = Path(config.corrections).expanduser()
    run = RunDirectory(path.parent)
    if not (run.path / "config.json").is_file() or _is_another(config, run):
        return None
    kept = _kept(run)
    if path.name == KEPT:
        return kept
    own = run.learned()
    return None if own is None else own.joined(kept)


def keep_division(config: object, directory: RunDirectory) -> RunConfig:
    """Writes what a training is divided by into its run; what config.json says of it.

    {"divided": the digest}, or nothing without such a run; what is kept already stays.
    """
    if _kept(directory) is None:
        earlier = earlier_division(config)
        if earlier is None:
            return {}
        RunDirectory(directory.path / FOLDER).write_learned(earlier.contents())
    return {"divided": _digest(directory)}


def check_division(directory: RunDirectory, record: RunConfig) -> None:
    """Raises UserError where what a run was divided by is gone or was changed."""
    if "divided" in record and record["divided"] != _digest(directory):
        raise UserError(
            f"the files in {directory.path / FOLDER} are not those that the run was divided by: "
            "restore them from a copy, or start a new run"
        )


def division_note(
    contents: Mapping[str, Collection[str]], held_out: str | None, path: Path, noun: str
) -> list[str]:
    """A sentence on what is new since the run that corrections lie in, and on how many examples
    its figures can be compared; none where that is not known.

    contents: what the examples of each split are known by. held_out: the split that figures come
    from. path: of the corrections. noun: of one example, image or text.
    """
    run = RunDirectory(path.parent)
    learned = None if path.name == KEPT else run.learned()
    if learned is None or held_out is None or not learned.count(held_out):
        return []
    new = sum(learned.split_of(each) is None for part in contents.values() for each in part)
    total, figures = sum(map(len, contents.values())), set(contents[held_out])
    before = learned.count(held_out)
    both = sum(learned.split_of(each) == held_out for each in figures)
    is_same = both == len(figures) == before
    what = f"{new:,} of {pluralize(total, noun)} {are(new)} new" if new else f"no {noun} is new"
    if is_same:
        figures_are = f"figures are of the same {pluralize(before, noun)} of {held_out}"
    else:
        figures_are = (
            f"figures can be compared on {pluralize(both, noun)} of {held_out} that both have (it "
            f"has {before:,}, this run {len(figures):,})"
        )
    return [f"since the run '{run.path}' {what}; {figures_are}"]


def _kept(run: RunDirectory) -> Learned | None:
    """What a run was divided by."""
    return RunDirectory(run.path / FOLDER).learned()


def _digest(run: RunDirectory) -> str:
    """Of the files in the folder, whatever there is of them."""
    paths = [run.path / FOLDER / name for name in FILES.values()]
    files = [path.read_bytes() if path.is_file() else b"" for path in paths]
    sizes = "".join(f"{len(file)} " for file in files).encode()
    return hashlib.blake2b(b"".join([sizes, *files]), digest_size=16).hexdigest()


def _is_another(config: CorrectionOptions, run: RunDirectory) -> bool:
    """Whether a seed of a division, or what belongs together, is given that is not the run's."""
    known, asked = run.config()["options"], vars(config)
    seed = known.get("split_seed")
    before = {
        "split_seed": known.get("seed") if seed is None else seed,
        "group": known.get("group"),
    }
    return any(asked.get(name) not in (None, value) for name, value in before.items())
