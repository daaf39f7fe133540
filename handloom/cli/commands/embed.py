"""Images to vectors, into a file that other programs read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from handloom.cli.commands.outputs import check_out
from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.jobs.images.embedding import Embedding

SUFFIXES = (".npy", ".parquet", ".csv")
MOST_BROKEN = 10  # named; --json has them all


def embed(argv: list[str]) -> int:
    """`handloom embed DATA... --encoder ENCODER`."""
    from handloom.cli.parser import parse

    given = parse(_flags(), argv, "handloom embed", "Encode images as vectors of length 1.")
    if given["encoder"] is None:
        raise UserError(
            "--encoder is missing: give pixels, timm:NAME, torchvision:NAME or a run, as in "
            "--encoder timm:tf_efficientnet_lite0"
        )
    out, as_json = given["out"], given["json"]
    check_out(out, *SUFFIXES)
    from handloom.encoders.names import as_in_tutorial
    from handloom.jobs.images.data import reading_of
    from handloom.jobs.images.embedding import embed as embedded
    from handloom.jobs.images.encoding import find_encoder
    from handloom.jobs.training.preparation import reading

    screen = progress()
    spec = given["encoder"] if given["preset"] is None else as_in_tutorial(given["encoder"])
    encoder = find_encoder(spec, given["weights"], given["device"])
    if encoder.weights is not None:
        screen.message(f"weights: {encoder.weights}")
    with reading(screen) as report:
        embedding = embedded(given["data"], encoder, reading_of(given), report)
    _show_broken(embedding, given["strict"])
    if out is not None:
        _write(out, embedding)
    if as_json:
        print_json([*_records(embedding), *_broken(embedding)])
    elif out is not None:
        width = pluralize(encoder.width, "number")
        results().message(f"{out}: {pluralize(len(embedding.names), 'vector')} of {width}")
    else:
        _show(embedding)
    return 0


def _flags() -> "list[Flag]":
    from handloom.cli.parser import config_flags, flag, positional
    from handloom.jobs.images.data import ImageReadingOptions

    return [
        positional("data", list[str], "images, folders, tables, named sets"),
        flag("encoder", str | None, "pixels, timm:NAME, torchvision:NAME, clip:NAME, or a run"),
        flag("preset", Literal["tutorial"] | None, "the encoder as the tutorial has it"),
        flag(
            "weights", Path | None, "file with the network's weights; by default the published ones"
        ),
        flag("out", Path | None, "file to write: .npy, .parquet or .csv"),
        *config_flags(ImageReadingOptions),
        flag("device", str, "auto, cpu, cuda, cuda:N or mps", "auto"),
        json_flag(),
    ]


def _show_broken(embedding: "Embedding", is_strict: bool) -> None:
    screen = progress()
    for note in embedding.notes:
        screen.note(note)
    if embedding.broken and is_strict:
        path, reason = embedding.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")
    for path, reason in embedding.broken[:MOST_BROKEN]:
        screen.message(f"left out: {path} ({reason})", "red")
    if embedding.broken:
        screen.message(f"{pluralize(len(embedding.broken), 'broken image')} left out", "red")


def _write(out: Path, embedding: "Embedding") -> None:
    """Vectors and names as one table; .npy holds vectors alone, with the names beside it."""
    from handloom.cli.commands.shared import write_rows
    from handloom.runs.files import write_whole

    if out.suffix.lower() == ".npy":
        write_whole(out, _npy(embedding))
        write_rows(out.with_suffix(".names.csv"), _names(embedding))
    elif out.suffix.lower() == ".parquet":
        write_whole(out, _parquet(embedding))
    else:
        rows = zip(_names(embedding), embedding.vector.tolist(), strict=True)
        write_rows(out, [
            row | {f"v{number}": f"{value:.7g}" for number, value in enumerate(vector, 1)}
            for row, vector in rows
        ])  # fmt: skip


def _npy(embedding: "Embedding") -> bytes:
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, embedding.vector.numpy())
    return buffer.getvalue()


def _parquet(embedding: "Embedding") -> bytes:
    """Columns input, label and split where known, and vector: D numbers of 32 bits."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = _names(embedding)
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    flat = pa.array(embedding.vector.reshape(-1).numpy())
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, embedding.vector.shape[1])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _names(embedding: "Embedding") -> list[dict[str, Any]]:
    """A record for each image: input, and label and split where any is known."""
    columns = {"input": embedding.names, "label": embedding.labels, "split": embedding.splits}
    known = {name: values for name, values in columns.items() if any(v is not None for v in values)}
    return [dict(zip(known, values, strict=True)) for values in zip(*known.values(), strict=True)]


def _records(embedding: "Embedding") -> list[dict[str, Any]]:
    vectors = embedding.vector.tolist()
    return [
        {name: value for name, value in row.items() if value is not None}
        | {"vector": [float(f"{value:.7g}") for value in vector]}
        for row, vector in zip(_names(embedding), vectors, strict=True)
    ]


def _broken(embedding: "Embedding") -> list[dict[str, Any]]:
    return [{"input": path, "error": reason} for path, reason in embedding.broken]


def _show(embedding: "Embedding") -> None:
    """The first vectors, of each the first numbers."""
    from handloom.display.tables import show_rows

    width = min(6, embedding.vector.shape[1])
    more = embedding.vector.shape[1] - width
    columns = ["input", *(f"v{number}" for number in range(1, width + 1)), ""]
    rows = [
        [name, *(f"{value:.3f}" for value in vector[:width]), f"and {more:,} more" if more else ""]
        for name, vector in zip(embedding.names, embedding.vector.tolist(), strict=True)
    ]
    show_rows(results(), columns, rows, rest="--json or --out vectors.csv has them all")
