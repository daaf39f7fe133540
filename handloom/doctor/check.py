"""The result of one check."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from handloom.wording import kind_and_reason

Status = Literal["works", "missing", "untried", "failed"]


@dataclass(frozen=True)
class Check:
    """What was looked at, and how it stands.

    group, name: what is checked. status: `works`; `missing`, an optional thing that is not here;
    `untried`, where nothing that ships with the package shows it; `failed`, what should work and
    does not. detail: what was seen, in some words. remedy: what mends it, "" where nothing is to be
    mended.
    """

    group: str
    name: str
    status: Status
    detail: str
    remedy: str = ""
    seconds: float = 0.0

    def record(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def stumbled(error: Exception) -> tuple[str, str]:
    """What a check came upon that it did not foresee, and what mends it; "" where that is not
    known."""
    library = error.name if isinstance(error, ModuleNotFoundError) and error.name else "handloom"
    library = library.partition(".")[0]
    if library == "handloom":
        return kind_and_reason(error), ""
    return f"{library} is not installed", f"pip install {library}"
