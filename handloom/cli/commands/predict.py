"""Predict with finished runs, and with the ONNX files they were exported to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.evaluate import show_errors, show_notes
from handloom.cli.commands.outputs import check_out
from handloom.cli.commands.shared import (
    check_table,
    description,
    json_flag,
    opened,
    print_json,
    progress,
    results,
    typed_places,
    verb_flags,
    write_rows,
)
from handloom.errors import UserError
from handloom.runs.files import write_whole

if TYPE_CHECKING:
    from handloom.export.runtime import OnnxModel
    from handloom.jobs.results import Prediction, Predictions

ONNX, PT2 = ".onnx", ".pt2"
ABOUT = "Predict labels, with their probabilities."


def predict(argv: list[str]) -> int:
    """`handloom predict RUN INPUT...`, or an ONNX file in place of the run, without torch."""
    from handloom.cli.parser import flag, parse, positional

    model = typed_model(argv)
    flags = [
        positional("run", Path, "a run directory, or an ONNX file made by export"),
        positional(
            "input",
            list[str],
            "images, folders, tables or texts; -: a text on each line of the input",
        ),
        *verb_flags("predict", argv, None if model is None else model.known["job"]),
        flag("out", Path | None, "write a table too, .csv or .parquet"),
        flag("explain", Path | None, "write a page that shows what each answer is based on, .html"),
        json_flag(),
    ]
    given = parse(flags, argv, "handloom predict", description("predict", ABOUT))
    path, inputs = given.pop("run"), given.pop("input")
    out, why, as_json = given.pop("out"), given.pop("explain"), given.pop("json")
    check_table(out)
    _check_explain(why, model)
    predictions, is_by_torch = _predicted(model, path, inputs, given, why)
    records = list(predictions)
    if why is not None:
        _explain(path, inputs, given, why)
    show_notes(getattr(predictions, "notes", ()))
    show_errors(records)
    if out is not None:
        _write(out, records)
    _show(records, as_json, given["abstain_below"] is not None, _groups(model, path, records))
    if is_by_torch:
        _prepare(path, len(records))
    return 0


def _write(out: Path, records: list[Prediction]) -> None:
    from handloom.jobs.classification.answers import row

    write_rows(out, [row(record) for record in records])


def _groups(model: OnnxModel | None, path: Path, records: list[Prediction]) -> list[str]:
    """A key of each prediction, the same for examples that belong together."""
    from handloom.jobs import find_job
    from handloom.jobs.classification.together import groups_of_images, groups_of_texts
    from handloom.runs.directory import RunDirectory

    if model is not None:
        job, rule = model.known["job"], None
    else:
        config = RunDirectory.open(path).config()
        job, rule = config["job"], config["options"].get("group")
    if find_job(job).verb("predict").takes == "text":
        return groups_of_texts(records)
    return groups_of_images(records, rule)


def _show(records: list[Prediction], as_json: bool, has_threshold: bool, group: list[str]) -> None:
    from handloom.display.tables import show_predictions, summary

    if not as_json:
        show_predictions(results(), records, group)
        return
    print_json(records)
    if has_threshold:
        show_notes(summary(records, group))


def typed_model(argv: Sequence[str]) -> OnnxModel | None:
    """The ONNX file that is typed where a run is expected, opened; None where none is."""
    if {"-h", "--help"} & set(argv):
        return None
    word = next(typed_places(argv), "")
    if word.lower().endswith(PT2):
        raise UserError(
            f"{word} is for torch.export.load: predict takes a run, or an ONNX file, which "
            "'handloom export RUN --format onnx' makes"
        )
    if not word.lower().endswith(ONNX):
        return None
    from handloom.export.runtime import open_model

    return open_model(Path(word))


def _predicted(
    model: OnnxModel | None, path: Path, inputs: list[str], options: dict[str, Any],
    why: Path | None,
) -> tuple[Predictions, bool]:  # fmt: skip
    """The answers, and whether torch gave them: for a page as well, so that it explains these."""
    if model is not None:
        from handloom.export.predict import predict

        return predict(model, inputs, options), False
    from handloom.export import compiled

    answers = compiled.answers(path, inputs, options) if why is None else None
    if answers is not None:
        return answers, False
    return opened(path).call("predict", inputs, **options), True


def _prepare(path: Path, count: int) -> None:
    """Compile the run for the next time, when the answers are out, and say so before: who waits
    for the end of this process waits for that too."""
    from handloom.export.compiled import FEW, is_to_be_prepared, prepare

    sys.stdout.flush()
    if count <= FEW and is_to_be_prepared(path):
        progress().message(
            "compiling the run, once, so that predict answers for a few inputs in a second from "
            "the next time on (HANDLOOM_COMPILE=0: not)"
        )
        prepare(path)


def _check_explain(out: Path | None, model: OnnxModel | None) -> None:
    """Refuse, before any work, a page that cannot be made."""
    check_out(out, ".html")
    if out is not None and model is not None:
        raise UserError(f"--explain {out}: an ONNX file has no gradients; give the run it is of")


def _explain(path: Path, inputs: list[str], options: dict[str, Any], out: Path) -> None:
    """Write the page of what spoke for the answers."""
    from handloom.jobs.classification.explanations import explanations

    run = opened(path)
    write_whole(out, explanations(run, run.explain(inputs, **options)).encode("utf-8", "replace"))
    progress().message(f"what the answers are based on: {out}")
