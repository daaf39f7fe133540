"""`handloom export`: the networks of a run into files, each checked, with a card beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.export.results import FORMATS, Exported, Format, Written
from handloom.extras import require
from handloom.wording import join_and, with_article

if TYPE_CHECKING:
    from handloom.jobs.program import Program

FOLDER = "export"  # of a run, where nothing else is asked for
Report = Callable[[str], None]


def export(
    source: str | Path,
    format: str | None = None,
    out: Path | None = None,
    part: str | None = None,
    weights: Path | None = None,
    report: Report = lambda sentence: None,
) -> list[Exported]:
    """The networks of a finished run, or an encoder by its name, as checked files.

    format: onnx or pt2; None goes by the ending of `out`, and is onnx without one. out: the file,
    by default PART.onnx in the folder `export` of the run; of several parts each gets its name.
    part: one of the job's parts, None all that it ships unasked. weights: of an encoder. report:
    told what is being done.

    Raises UserError where the run is not finished, where its job has no network to ship, where a
    file exists already, and where a file's outputs are not those of the network; then nothing is
    left behind.
    """
    from handloom.jobs.images.encoding import is_run

    chosen = chosen_format(format, out)
    if chosen == "onnx":
        require("export", "an ONNX file", "give --format pt2")
    if is_run(source):
        if weights is not None:
            raise UserError(f"the run {source} has weights of its own: leave --weights out")
        return _export_run(Path(source), chosen, out, part, report)
    return _export_encoder(str(source), chosen, out, part, weights, report)


def chosen_format(format: str | None, out: Path | None) -> Format:
    """The format asked for, or that of the file's ending. Raises UserError where they differ."""
    ending = None if out is None else out.suffix.lower().removeprefix(".")
    wanted = format or ending or "onnx"
    for known in FORMATS:
        if wanted == known:
            if ending not in (None, known):
                raise UserError(f"--out {out}: a file of --format {known} ends in .{known}")
            return known
    if format is None:
        raise UserError(f"--out {out}: give a name that ends in .onnx or .pt2")
    raise UserError(f"--format {format}: must be {' or '.join(FORMATS)}")


def _export_run(
    path: Path, format: Format, out: Path | None, part: str | None, report: Report
) -> list[Exported]:
    from handloom.jobs.loading import load
    from handloom.runs.directory import RunDirectory

    directory = RunDirectory.open(path)
    status = directory.status()["status"]
    if status != "finished":
        raise UserError(
            f"{path} is not finished ({status}), and its networks change until then: "
            f"'handloom resume {path}' finishes it"
        )
    from handloom.jobs import find_job

    job = find_job(directory.config()["job"])
    if job.export is None:
        raise UserError(f"{path} is {with_article(job.name)} run, which {job.no_export}")
    run = load(path, "cpu").keeping()
    report("reading inputs to check the files on")
    programs: list[Program] = job.export(run)
    wanted = _wanted(programs, part, path)
    files = _places(wanted, format, out, path / FOLDER)
    from handloom.export.card import run_card
    from handloom.export.metadata import of_run

    made = _all_written(wanted, files, format, of_run(run), report)
    return _with_card(made, lambda kept: run_card(run, wanted, made, kept))


def _export_encoder(
    spec: str, format: Format, out: Path | None, part: str | None, weights: Path | None,
    report: Report,
) -> list[Exported]:  # fmt: skip
    from handloom.export.card import encoder_card
    from handloom.export.encoder import encoder_program

    if ":" not in spec and spec != "pixels":
        raise UserError(
            f"{spec} is neither a run directory nor an encoder: give a run ('handloom runs' lists "
            "them), or a name such as timm:tf_efficientnet_lite0"
        )
    if out is None:
        raise UserError(f"--out is missing: name the file of {spec}, as in --out encoder.{format}")
    encoder, program = encoder_program(spec, weights)
    wanted = _wanted([program], part, spec)
    files = _places(wanted, format, out, out.parent)
    made = _all_written(wanted, files, format, {"job": None, "encoder": spec}, report)
    return _with_card(made, lambda kept: encoder_card(encoder, wanted, made, kept))


def _wanted(programs: Sequence[Program], part: str | None, source: str | Path) -> list[Program]:
    if part is None:
        return [program for program in programs if not program.is_asked]
    wanted = [program for program in programs if program.part == part]
    if not wanted:
        raise UserError(
            f"--part {part}: {source} has {join_and([program.part for program in programs])}"
        )
    return wanted


def _places(
    programs: Sequence[Program], format: Format, out: Path | None, folder: Path
) -> list[Path]:
    """A free name for each file; raises UserError for one that exists."""
    if out is not None and not out.parent.is_dir():
        raise UserError(f"--out {out}: the folder {out.parent} does not exist; make it first")
    if out is None:
        files = [folder / f"{program.part}.{format}" for program in programs]
    elif len(programs) == 1:
        files = [out]
    else:
        files = [out.with_name(f"{out.stem}-{program.part}.{format}") for program in programs]
    for file in files:
        if file.exists():
            raise UserError(f"{file} exists already: remove it, or give another --out")
    return files


def _all_written(
    programs: Sequence[Program], files: Sequence[Path], format: Format, source: dict[str, Any],
    report: Report,
) -> list[Written]:  # fmt: skip
    """All files, or none where one of them does not agree with its network."""
    made: list[Written] = []
    try:
        for program, file in zip(programs, files, strict=True):
            made.append(_written(program, file, format, source, report))
    except BaseException:
        for each in made:
            each.path.unlink()
        raise
    return made


def _written(
    program: Program, file: Path, format: Format, source: dict[str, Any], report: Report
) -> Written:
    """One file, which takes its name only when it agrees with the network."""
    from handloom.export.check import agreement
    from handloom.export.metadata import metadata
    from handloom.export.tracing import traced
    from handloom.runs.files import writable

    report(f"writing the {program.part}")
    graph, record = traced(program, format), metadata(program, source)
    with writable(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".part-", dir=file.parent) as folder:
            unfinished = Path(folder) / file.name  # a .pt2 archive keeps the name
            run = _runnable(unfinished, program, graph, format, record)
            report(f"checking the {program.part}")
            agreed = agreement(program, run, str(file))
            del run  # Windows moves no file that is open
            unfinished.replace(file)
    return Written(file, program.part, format, agreed)


def _runnable(
    path: Path, program: Program, graph: Any, format: Format, record: dict[str, Any]
) -> Callable[..., Any]:
    """The file, written and opened again as a function of tensors."""
    if format == "pt2":
        from handloom.export.pt2_file import reloaded, write_pt2

        write_pt2(path, graph, record)
        return reloaded(path)
    from handloom.export.onnx_file import onnx_file
    from handloom.export.runtime import open_session, runner

    path.write_bytes(onnx_file(program, graph, record))
    return runner(open_session(path), program)


def _with_card(made: Sequence[Written], card: Callable[[Sequence[str]], str]) -> list[Exported]:
    """The files with their card, which goes on naming others that lie beside them."""
    from handloom.export.card import card_place
    from handloom.export.card_files import kept_blocks
    from handloom.runs.files import write_whole

    place = card_place(made[0].path)
    before = place.read_text("utf-8") if place.exists() else ""
    write_whole(place, card(kept_blocks(before, place.parent, made)).encode())
    return [Exported(*each, place) for each in made]
