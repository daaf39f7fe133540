"""The classifier of a finished run, compiled into the cache of this machine: `predict` answers for
a few inputs without importing torch, which takes longer than all else.

It is the file of `handloom export`. Its key is made of the run's config.json and weights, so it
answers for no others: a run that was trained on or edited is compiled again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import handloom
from handloom.data.io.compiled import FILE, MOST_WEIGHTS, is_worth_it, keep, kept
from handloom.data.io.onnx import session_of, wanted_threads
from handloom.errors import UserError
from handloom.export.predict import are_few, predict
from handloom.export.runtime import FORMAT, OnnxModel, model_of, runner
from handloom.extras import has
from handloom.jobs import find_job
from handloom.runs.directory import RunDirectory
from handloom.waiting import doing

if TYPE_CHECKING:
    from handloom.jobs.program import Program
    from handloom.jobs.results import Predictions
    from handloom.runs.records import RunConfig

FEW = 64  # inputs; of more, torch's rate may be worth its import
CONFIG, NETWORKS = "config.json", "networks.safetensors"


def answers(run: Path, inputs: list[str], options: Mapping[str, object]) -> Predictions | None:
    """What `predict` of a run gives, options those of its verb; None where torch has to say it:
    where the run was not compiled, and where the inputs are not few."""
    model = opened(run)
    if model is None or not are_few(model, inputs, options, FEW):
        return None
    return predict(model, inputs, options, RunDirectory(run).learned())


def opened(run: Path) -> OnnxModel | None:
    """The classifier of a run; None where it was not compiled, or cannot be run here."""
    if find_spec("onnxruntime") is None:
        return None
    try:
        folder = kept(key_of(run))
        return None if folder is None else model_of(folder / FILE, _session(folder / FILE))
    except Exception:  # ONNX Runtime's own kinds are not public, nor can it always be imported
        return None


def is_to_be_prepared(run: Path) -> bool:
    """Whether a run that was just asked is worth compiling: not the first time (`is_worth_it`)."""
    return _is_lacking(run) and is_worth_it(key_of(run))


def prepare(run: Path) -> bool:
    """Compiles a run, once, and says whether it is done now.

    It is left to torch where it is not finished, where it is not a classifier of ONNX's operators,
    with more than MOST_WEIGHTS, and where the libraries or room in the cache are missing; and where
    it computes in bfloat16: rounded otherwise, 2 of 400 photos would change their class.
    """
    if not _is_lacking(run):
        return False
    key = key_of(run)
    with doing("preparing the run for ONNX Runtime"):
        keep(key, partial(_is_written, run, key), lambda: kept(key) is not None)
    return kept(key) is not None


def _is_lacking(run: Path) -> bool:
    is_possible = has("export") and _can_be_compiled(RunDirectory.open(run))
    return is_possible and kept(key_of(run)) is None


def _can_be_compiled(run: RunDirectory) -> bool:
    config = run.config()
    has_program = find_job(config["job"]).answering is not None and _is_exact(config)
    try:
        is_finished = run.status().get("status") == "finished"
    except UserError:  # a damaged file, which no answer depends on
        return False
    return has_program and is_finished and (run.path / NETWORKS).stat().st_size <= MOST_WEIGHTS


def _is_exact(config: RunConfig) -> bool:
    """Whether torch computes a run's answers in float32 here too."""
    import torch

    from handloom.engine.precision import Precision

    recorded = config["environment"]["precision"]
    return recorded == "float32" or Precision.resolve(torch.device("cpu")).dtype is None


def key_of(run: Path) -> str:
    """Of all that the answers depend on. Raises OSError where a file of it is missing."""
    known = hashlib.blake2b(f"{handloom.__version__} {FORMAT} exact".encode(), digest_size=16)
    for name in (CONFIG, NETWORKS):
        with (run / name).open("rb") as file:
            known.update(hashlib.file_digest(file, lambda: hashlib.blake2b()).digest())
    return known.hexdigest()


def _is_written(run: Path, key: str, folder: Path) -> bool:
    """Write the file, which says what the network says. Raises UserError where it does not."""
    from handloom.export.check import agreement
    from handloom.export.metadata import metadata, of_run
    from handloom.export.onnx_file import onnx_file
    from handloom.export.tracing import traced
    from handloom.jobs.loading import load

    loaded = load(run, "cpu")
    answering = loaded.job.answering
    assert answering is not None
    program: Program = answering(loaded)
    graph, known = traced(program, "onnx"), metadata(program, of_run(loaded))
    (folder / FILE).write_bytes(onnx_file(program, graph, known))
    agreement(program, runner(_session(folder / FILE), program), str(run))
    if key_of(run) != key:
        raise OSError("the run has changed meanwhile")  # so that nothing is kept
    return True


def _session(file: Path) -> Any:
    return session_of(file, wanted_threads(), spins=False, prepacks=False)
