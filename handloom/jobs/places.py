"""Where the data of a run lie now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handloom.errors import UserError

if TYPE_CHECKING:
    from handloom.runs.directory import RunDirectory


def locate_data(directory: RunDirectory, config: dict[str, Any]) -> str:
    """The data of a run: a built-in set by name, or a path, also where run and data were moved.

    Raises UserError where there is nothing at any place they may be.
    """
    from handloom.data.io.names import locate
    from handloom.jobs import find_job

    relative = config.get("data_from_run")
    if relative is None:
        return str(config["data"])
    places, job = [], find_job(config["job"])
    for recorded, way in zip(job.parts(config["data"]), job.parts(relative), strict=True):
        place = locate(recorded, directory.path, way)
        if place is None:
            raise UserError(
                f"the data of {directory.path} are not at {recorded}: say where they are now, as "
                f"in 'handloom resume {directory.path} --data FOLDER' or "
                f"'handloom evaluate {directory.path} FOLDER'"
            )
        places.append(str(place))
    return "\n".join(places)
