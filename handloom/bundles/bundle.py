"""Data sets and weights brought into a data folder, and what makes such a folder a bundle.

A bundle is a folder laid out as $HANDLOOM_DATA, with SHA256SUMS, which `sha256sum -c` reads,
and README.txt. A machine without internet needs nothing else: HANDLOOM_DATA names the folder.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from handloom.bundles.item import Fetchable
from handloom.bundles.known import find_item
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder
from handloom.errors import UserError
from handloom.runs.files import write_whole

SUMS, README = "SHA256SUMS", "README.txt"
TEXT = """\
Data sets and weights for Handloom, collected by `handloom fetch`.

On a machine without internet: copy this folder there, and

    export HANDLOOM_DATA=/path/to/this/folder HANDLOOM_OFFLINE=1

(on Windows: set HANDLOOM_DATA=C:\\path\\to\\this\\folder). Whether the copy is whole, this says:

    sha256sum -c {sums}

What is in it, and how it is used:

{lines}"""

REMEDY = (
    "connect once, or bring it from a machine with a connection, by 'handloom fetch {name} "
    "--bundle DIR' there"
)


@dataclass(frozen=True)
class Fetched:
    """A name, its kind, the place of its file or folder, its bytes, and a command that uses it.

    error: why it could not be fetched, else None; then place is None and there are no bytes.
    """

    name: str
    kind: str
    place: Path | None
    bytes: int
    use: str
    error: str | None = None


def fetch(
    names: Sequence[str], bundle: Path | None = None, report: ReportProgress | None = None
) -> list[Fetched]:
    """Brings everything named into the folder `bundle`, by default $HANDLOOM_DATA.

    What this machine has is copied, the rest downloaded and checked. What fails is in the result,
    and the rest goes on. Raises UserError for a name that there is not, before anything is fetched.
    """
    items = [find_item(name) for name in dict.fromkeys(names)]
    folder = data_folder() if bundle is None else bundle
    fetched = [_fetched(item, folder, report) for item in items]
    if bundle is not None and any(each.place for each in fetched):
        _describe(bundle, fetched)
    return fetched


def _fetched(item: Fetchable, folder: Path, report: ReportProgress | None) -> Fetched:
    from handloom.encoders.weights import WeightsAbsent

    try:
        place = item.bring(folder, report)
    except WeightsAbsent as error:  # whose remedy is an option of other verbs
        reason = f"{error.reason}: {REMEDY.format(name=item.name)}"
        return Fetched(item.name, item.kind, None, 0, item.use, reason)
    except UserError as error:
        return Fetched(item.name, item.kind, None, 0, item.use, str(error))
    size = sum(path.stat().st_size for path in _files(place))
    return Fetched(item.name, item.kind, place, size, item.use)


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else [p for p in sorted(place.rglob("*")) if p.is_file()]


def _describe(bundle: Path, fetched: Sequence[Fetched]) -> None:
    """SHA256SUMS of all files, and README.txt, in which what an earlier call brought stays."""
    sums = _sums(bundle)
    files = [file for each in fetched if each.place is not None for file in _files(each.place)]
    for file in files:
        name = file.relative_to(bundle).as_posix()
        with file.open("rb") as content:
            sums[name] = hashlib.file_digest(content, "sha256").hexdigest()
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    write_whole(bundle / SUMS, text.encode())
    lines = {f"    {each.name}: {each.use}\n" for each in fetched if each.place is not None}
    if (bundle / README).is_file():
        before = (bundle / README).read_text(encoding="utf-8").partition("it is used:\n\n")[2]
        lines |= set(before.splitlines(keepends=True))
    readme = TEXT.format(sums=SUMS, lines="".join(sorted(lines)))
    write_whole(bundle / README, readme.encode())


def _sums(bundle: Path) -> dict[str, str]:
    """The digests of an earlier call, of files that are still there."""
    path = bundle / SUMS
    if not path.is_file():
        return {}
    rows = [line.partition("  ") for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: digest for digest, _, name in rows if (bundle / name).is_file()}
