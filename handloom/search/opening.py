"""Opening an index, in a folder or on a Milvus server; making it, and bringing it up to date."""

from pathlib import Path

from handloom.data.images.reading import Reading
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.search.closing import closed_on_error
from handloom.search.embedded import EmbeddedStore
from handloom.search.index import Index
from handloom.search.places import index_of, recorded, root_of, shortest, store_beside
from handloom.search.records import EntryKind
from handloom.search.refresh import Refreshed, WantedEncoder, refresh
from handloom.search.scan import Scan, scan
from handloom.search.schema import is_index
from handloom.search.store import VectorStore
from handloom.search.vectors import Find

COLLECTION = "images"  # of a server, where none is named


def open_index(given: str | Path, find: Find, collection: str | None = None) -> Index:
    """The index of that name or address, or that of a folder or a table of images.

    find: makes its encoder, when a query needs one. Raises UserError where there is none.
    """
    if is_address(given):
        store: VectorStore = _milvus(given, collection)
    else:
        _check_collection(collection)
        given = index_of(given)
        store = EmbeddedStore(given)
    with closed_on_error(store):
        if is_address(given) and store.encoder() is None:
            raise UserError(
                f"there is no index '{store.name}': make it with 'handloom index FOLDER --store "
                f"{given} --collection {collection or COLLECTION}'"
            )
        return Index(store, root_of(store.get("root") or ".", _base(given)), find)


def update(
    data: Path,
    place: str | Path | None,
    wanted: WantedEncoder,
    is_rebuild: bool,
    reading: Reading,
    report: ReportProgress,
    collection: str | None = None,
    text_column: str | None = None,
) -> tuple[Index, Refreshed, tuple[str, ...]]:
    """Makes the index of a folder or a table of images, or of texts, or brings it up to date.

    place: its folder, or the address of a Milvus server; None for a folder beside the images.
    text_column: of a table whose texts are indexed. Returns what was done, and sentences to show.
    Raises UserError for what an input or an option is to blame for; what was done before is kept.
    The caller closes the index.
    """
    scanned = scan(data, reading, text_column)
    _check_named(scanned, wanted, place or store_beside(data))
    place = shortest(store_beside(data)) if place is None else place
    _check_place(place, collection)
    encoder = wanted if _is_there(place) else wanted.opened(scanned.kind)
    opened = _opened(place, collection)
    with closed_on_error(opened):
        _check_root(opened, _base(place), scanned.root)
        _check_kind(opened, scanned.kind)
        with opened.writing():
            opened.set("root", recorded(scanned.root, _base(place)))
            opened.set("kind", scanned.kind)
            refreshed = refresh(opened, scanned, encoder, is_rebuild, report)
        _check_any(opened, refreshed, data)
    return Index(opened, scanned.root, wanted.find), refreshed, scanned.notes


def is_address(place: str | Path) -> bool:
    """Whether a place is that of a Milvus server, or a file of Milvus Lite, not a folder."""
    return "://" in str(place) or str(place).endswith(".db")


def _check_place(place: str | Path, collection: str | None) -> None:
    """Raises UserError where no index can be."""
    if is_address(place):
        return
    _check_collection(collection)
    folder = Path(place).expanduser()
    if folder.is_file() or (folder.is_dir() and not is_index(folder) and any(folder.iterdir())):
        what = "a file" if folder.is_file() else "a folder of other things"
        raise UserError(f"--store {folder} is {what}, not an index: name one, or a new folder")


def _is_there(place: str | Path) -> bool:
    """Whether something is at a place already, as on a server, which is not asked."""
    path = Path(place).expanduser()
    return "://" in str(place) or (path.exists() if is_address(place) else is_index(path))


def _opened(place: str | Path, collection: str | None) -> VectorStore:
    """The store at a place, a new one where there is nothing yet."""
    if is_address(place):
        return _milvus(place, collection)
    folder = Path(place).expanduser()
    try:
        return EmbeddedStore(folder, is_new=not is_index(folder))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"the index '{folder}' cannot be made ({reason}): name another place with --store"
        ) from None


def _milvus(place: str | Path, collection: str | None) -> VectorStore:
    from handloom.search.milvus import MilvusStore

    return MilvusStore(str(place), collection or COLLECTION)


def _check_collection(collection: str | None) -> None:
    if collection is not None:
        raise UserError(
            f"--collection {collection} is for a Milvus server: give its address with --store, or "
            "leave --collection out"
        )


def _base(place: str | Path) -> Path:
    """What the root of a collection is kept relative to."""
    return Path(Path.cwd().anchor) if is_address(place) else Path(place).expanduser()


def _check_named(scanned: Scan, wanted: WantedEncoder, place: str | Path) -> None:
    """Raises UserError for texts without an encoder: the default reads images alone."""
    is_new = not is_address(place) and not is_index(Path(place).expanduser())
    if scanned.kind == "texts" and wanted.spec is None and is_new:
        raise UserError(
            "--encoder is missing: an index of texts needs one that reads them, clip:NAME, a run "
            "of clip, or sentence:NAME"
        )


def _check_kind(store: VectorStore, kind: EntryKind) -> None:
    """Raises UserError where a store holds images and texts are given, or the other way round."""
    known = store.get("kind")
    if known is not None and known != kind:
        raise UserError(
            f"'{store.name}' is an index of {known}: name another --store for an index of {kind}"
        )


def _check_any(store: VectorStore, refreshed: Refreshed, data: Path) -> None:
    """Raises UserError where nothing can be searched."""
    if not store.count()[0]:
        path, reason = refreshed.broken[0]
        raise UserError(
            f"none of the {refreshed.total:,} {refreshed.kind} of '{data}' can be read ('{path}': "
            f"{reason}): repair them, or give other {refreshed.kind}"
        )


def _check_root(store: VectorStore, base: Path, root: Path) -> None:
    """Raises UserError where a store has images of another place that is still there."""
    known = store.get("root")
    if known is None:
        return
    before = root_of(known, base)
    if before != root.resolve() and before.exists():
        raise UserError(
            f"'{store.name}' is the index of '{before}': name another --store for '{root}'"
        )
