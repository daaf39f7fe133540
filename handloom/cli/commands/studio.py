"""The page over the runs of a folder."""

from __future__ import annotations

from pathlib import Path

from handloom.cli.commands.shared import progress


def studio(argv: list[str]) -> int:
    """`handloom studio [DIR]`."""
    from handloom.cli.parser import flag, parse, positional

    flags = [
        positional("folder", Path, "folder with runs, indexes and data", Path(".")),
        flag("data", list[str], "another folder whose images may be shown and trained on", []),
        flag("host", str, "address to listen on; from other machines a token is required",
             "127.0.0.1"),
        flag("port", int | None, "port; by default the first free one from 8765 on"),
        flag("token", str | None, "token to require; generated where --host is not this machine"),
        flag("browser", bool, "open the page in a browser", True),
    ]  # fmt: skip
    given = parse(
        flags, argv, "handloom studio", "Open a page to look at runs, try them and compare them."
    )
    from handloom.extras import require

    require("studio", "the studio")
    from handloom.studio.app import studio as application
    from handloom.studio.folder import Folder
    from handloom.studio.server import access_to, address, listen, serve

    folder = Folder(given["folder"], [Path(place) for place in given["data"]])
    with listen(given["host"], given["port"]) as listener:
        access = access_to(listener, given["host"], given["token"])
        place = address(access)

        def ready() -> None:
            progress().message(f"the studio over {folder.root} is at {place}   (Ctrl-C ends it)")
            if given["browser"]:
                import webbrowser

                webbrowser.open(place)

        serve(application(folder, access), listener, ready)
    return 0
