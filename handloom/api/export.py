"""Networks for other programs, in Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handloom.export.results import Exported
    from handloom.jobs.run import Run


def export_run(
    run: Run | str | Path,
    *,
    format: str | None = None,
    out: str | Path | None = None,
    part: str | None = None,
    weights: str | Path | None = None,
) -> list[Exported]:
    """The networks of a finished run, or an encoder by its name, as files that were checked.

    Each has `path`, `part`, `agreement` and `card`. It is not called `export`, which is the
    package. Raises UserError where a file's outputs are not those of the network.
    """
    from handloom.export.write import export
    from handloom.jobs.run import Run

    source = run.path if isinstance(run, Run) else run
    file, of_encoder = (None if path is None else Path(path) for path in (out, weights))
    return export(source, format, file, part, of_encoder)
