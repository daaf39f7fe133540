"""Data sets and weights by name, also for a machine without internet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.cli.commands.shared import json_flag, print_json, progress, results
from handloom.errors import UserError

if TYPE_CHECKING:
    from handloom.bundles import Fetched

MIB = 1 << 20


def fetch(argv: list[str]) -> int:
    """`handloom fetch [NAME...] [--bundle DIR]`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("name", list[str], "mnist, timm:NAME, kaggle:OWNER/NAME; none lists all", []),
        flag("bundle", Path | None, "folder to collect them in, for a machine without internet"),
        json_flag(),
    ]
    about = "Download and check data sets and weights, once."
    given = parse(flags, argv, "handloom fetch", about)
    if not given["name"]:
        if given["bundle"] is not None:
            raise UserError("--bundle: name what is to be in it, as 'handloom fetch' lists it")
        _list(given["json"])
        return 0
    from handloom.bundles import fetch as fetched
    from handloom.jobs.training.preparation import reading

    with reading(progress()) as report:
        brought = fetched(given["name"], given["bundle"], report)
    if given["json"]:
        print_json([_record(each) for each in brought])
    else:
        _show(brought, given["bundle"])
    failed = [each for each in brought if each.error is not None]
    if failed:
        reasons = "; ".join(str(each.error) for each in failed)
        raise UserError(f"{len(failed)} of {len(brought)} could not be fetched: {reasons}")
    return 0


def _list(as_json: bool) -> None:
    """What has a name, and whether it is here."""
    from handloom.bundles import items

    rows = [(item.name, item.kind, item.here(), item.use) for item in items()]
    if as_json:
        names = ("name", "kind", "place", "use")
        print_json([dict(zip(names, map(_plain, row), strict=True)) for row in rows])
        return
    from handloom.display.tables import show_rows

    cells = [[name, kind, str(place or "")] for name, kind, place, _ in rows]
    show_rows(results(), ("name", "kind", "here"), cells, most=len(cells))
    from handloom.bundles.known import FORMS

    results().message(f"also {FORMS}")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _record(each: "Fetched") -> dict[str, Any]:
    return {name: _plain(value) for name, value in vars(each).items()}


def _show(brought: "list[Fetched]", bundle: Path | None) -> None:
    screen = results()
    for each in brought:
        if each.place is not None:
            screen.message(f"{each.name}: {each.place} ({each.bytes / MIB:,.1f} MiB)")
    if bundle is not None and any(each.place is not None for each in brought):
        screen.message(f"on the other machine: export HANDLOOM_DATA={bundle.resolve()} "
                       "(wherever it lies there)")  # fmt: skip
