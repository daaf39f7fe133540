"""The server of one run or index."""

from __future__ import annotations

from pathlib import Path

from handloom.cli.commands.shared import progress


def serve(argv: list[str]) -> int:
    """`handloom serve RUN`, or an index."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("run", Path, "a run directory, or an index"),
        flag("host", str, "address to listen on; from other machines a token is required",
             "127.0.0.1"),
        flag("port", int | None, "port; by default the first free one from 8765 on"),
        flag("token", str | None, "token to require; generated where --host is not this machine"),
    ]  # fmt: skip
    given = parse(flags, argv, "handloom serve", "Answer requests over HTTP with a run.")
    from handloom.extras import require

    require("studio", "serving a run")
    from handloom.jobs import find_job
    from handloom.runs.directory import RunDirectory
    from handloom.search.places import index_of, names_index
    from handloom.studio.server import access_to, address, listen
    from handloom.studio.server import serve as answer
    from handloom.studio.serving import offers, server

    place = given["run"].expanduser()
    is_index = not (place / "config.json").exists() and names_index(str(place))
    job = None if is_index else find_job(RunDirectory.open(place).config()["job"])
    place = (index_of(place) if is_index else place).resolve()
    paths = ", ".join(f"POST {path}" for path in offers(job))
    with listen(given["host"], given["port"]) as listener:
        access = access_to(listener, given["host"], given["token"])
        where = address(access)

        def ready() -> None:
            progress().message(f"{place.name} answers at {where}   ({paths}; Ctrl-C ends it)")

        answer(server(place, job, access), listener, ready)
    return 0
