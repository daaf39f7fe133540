"""Images to latents and back: encode, reconstruct, interpolate."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.evaluate import show_errors, show_notes
from handloom.cli.commands.outputs import check_out, save_image
from handloom.cli.commands.shared import (
    description,
    json_flag,
    opened,
    print_json,
    results,
    run_argument,
    verb_flags,
    write_rows,
)
from handloom.runs.files import write_whole
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.jobs.results import Latents, Reconstructions

MOST_SHOWN = 256  # pairs in one image
STRIP = 9  # steps of a walk that is shown in one image


def encode(argv: list[str]) -> int:
    """`handloom encode RUN INPUT...`."""
    run, given, out, as_json = _parsed(
        "encode",
        argv,
        _images(),
        "CSV table to write: input, z1, z2, ..., for a vae var1, var2, ..., and known labels",
        "Encode images as latents.",
    )
    latents = run.call("encode", given.pop("input"), **given)
    records, failed = _records(latents), _failed(latents)
    if out is not None:
        write_rows(out, [*_rows(records), *failed])
    if as_json:
        print_json([*records, *failed])
    elif out is not None:
        numbers = pluralize(latents.latent.shape[1], "number")
        results().message(f"{out}: {pluralize(len(records), 'latent')} of {numbers}")
    else:
        _show_latents(records)
    return 0


def reconstruct(argv: list[str]) -> int:
    """`handloom reconstruct RUN INPUT...`."""
    run, given, out, as_json = _parsed(
        "reconstruct",
        argv,
        _images(),
        "image to write: originals above their reconstructions",
        "Encode and decode images.",
    )
    made = run.call("reconstruct", given.pop("input"), **given)
    from handloom.data.images.drawing.grid import pairs

    path = save_image(
        run.path, "pairs", out, pairs(made.original[:MOST_SHOWN], made.image[:MOST_SHOWN])
    )
    records = [
        {"input": name, "mean_squared_error": round(error, 6)}
        for name, error in zip(made.names, made.error.tolist(), strict=True)
    ]
    failed = _failed(made)
    if as_json:
        print_json([*records, *failed])
        return 0
    _show_errors(records)
    first = f" (the first {MOST_SHOWN})" if len(records) > MOST_SHOWN else ""
    results().message(f"{path}: originals above their reconstructions{first}")
    return 0


def interpolate(argv: list[str]) -> int:
    """`handloom interpolate RUN A B`."""
    from handloom.cli.parser import positional

    run, given, out, as_json = _parsed(
        "interpolate",
        argv,
        positional(
            "ends", list[str], "two or more images; for a gan, seeds; or latents, as in 1.79,3.36"
        ),
        "a .gif, or an image of the frames side by side",
        "Interpolate between images, or between seeds of a gan.",
    )
    path = out or run.path / "samples" / "morph.gif"
    is_still = path.suffix.lower() != ".gif"
    ends = given.pop("ends")
    if is_still and given["frames"] is None:
        given["frames"] = STRIP
    frames = run.call("interpolate", ends, **given)
    if is_still:
        from handloom.data.images.drawing.grid import grid

        save_image(run.path, "morph", path, grid(frames, given["frames"] + 1))
    else:
        from handloom.data.images.drawing.animation import gif

        write_whole(path, gif(frames, back=True))
    if as_json:
        print_json([{"out": str(path), "frames": len(frames), "size": list(frames.shape[1:3])}])
    else:
        results().message(f"{path}: {len(frames)} images {_way(run, ends)}{_class(run, given)}")
    return 0


def _way(run: Any, ends: list[str]) -> str:
    """What a walk goes from and to."""
    from handloom.jobs.generation.verbs import are_latents

    if are_latents(ends):
        return f"between {len(ends)} given latents"
    what = "seed " if run.job.verb("interpolate").takes == "seed" else ""
    return f"from {' to '.join(what + end for end in ends)}"


def _class(run: Any, given: dict[str, Any]) -> str:
    """The class that a walk shows, of a conditional run: all frames are of one."""
    if not run.config.get("conditional"):
        return ""
    return f", class {given.get('label') or run.config['classes'][0]}"


def _parsed(
    verb: str, argv: list[str], subject: "Flag", out_help: str, about: str
) -> tuple[Any, dict[str, Any], Path | None, bool]:
    """The run, the verb's arguments, --out and --json; refused before any work what cannot be."""
    from handloom.cli.parser import flag, parse

    flags = [
        run_argument(),
        subject,
        flag("out", Path | None, out_help),
        *verb_flags(verb, argv),
        json_flag(),
    ]
    given = parse(flags, argv, f"handloom {verb}", description(verb, about))
    path, out, as_json = given.pop("run"), given.pop("out"), given.pop("json")
    run = opened(path)
    check_out(out, *run.job.verb(verb).suffixes)
    return run, given, out, as_json


def _images() -> "Flag":
    from handloom.cli.parser import positional

    return positional("input", list[str], "images, folders, tables, named sets")


def _records(latents: "Latents") -> list[dict[str, Any]]:
    """{"input", "latent"}, of a vae also "variance", and "label" where it is known."""
    records: list[dict[str, Any]] = [
        {"input": name, "latent": [round(number, 6) for number in numbers]}
        for name, numbers in zip(latents.names, latents.latent.tolist(), strict=True)
    ]
    for row, record in enumerate(records):
        if latents.variance is not None:
            # Significant digits, since an unused dimension has 1 and a used one may have 0.0001.
            record["variance"] = [float(f"{v:.6g}") for v in latents.variance[row].tolist()]
        if latents.labels[row] is not None:
            record["label"] = latents.labels[row]
    return records


def _rows(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"input": record["input"]}
        | {f"z{i}": number for i, number in enumerate(record["latent"], 1)}
        | {f"var{i}": number for i, number in enumerate(record.get("variance", ()), 1)}
        | ({"label": record["label"]} if "label" in record else {})
        for record in records
    ]


def _show_latents(records: list[dict[str, Any]]) -> None:
    """The first latents, of each the first numbers."""
    from handloom.display.tables import show_rows

    width = min(6, len(records[0]["latent"]))
    more = len(records[0]["latent"]) - width
    columns = ["input", *(f"z{number}" for number in range(1, width + 1)), ""]
    rows = [
        [
            record["input"],
            *(f"{number:.3f}" for number in record["latent"][:width]),
            f"and {more} more" if more else "",
        ]
        for record in records
    ]
    show_rows(results(), columns, rows, rest="--json or --out latents.csv has them all")


def _failed(made: "Latents | Reconstructions") -> list[dict[str, Any]]:
    """{"input", "error"} of what cannot be read; named, with the notes, on standard error."""
    failed = [{"input": path, "error": reason} for path, reason in made.broken]
    show_notes(made.notes)
    show_errors(failed)
    return failed


def _show_errors(records: list[dict[str, Any]]) -> None:
    """Mean squared errors of the first images, and their mean over all."""
    from handloom.display.tables import show_rows

    screen, errors = results(), [record["mean_squared_error"] for record in records]
    rows = [[record["input"], f"{record['mean_squared_error']:.5f}"] for record in records]
    show_rows(screen, ["input", "mean squared error"], rows, rest="--json has them all")
    mean = sum(errors) / len(errors)
    screen.message(
        f"mean of {len(records):,}: {mean:.5f}, of pixels in [0, 1]; root mean square "
        f"{100 * mean**0.5:.2f} % of a pixel's range"
    )
