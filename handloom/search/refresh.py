"""Bringing an index up to date with its files: what is new or changed is embedded, nothing else.

What is unchanged is known by size and time before anything is read; a file of another name by its
content; and every content is embedded once. The files and the index are read side by side in the
order of their paths, so that neither is held in memory.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.search.contents import read_contents
from handloom.search.differences import Differences, in_portions
from handloom.search.embedding import embed_images, embed_texts
from handloom.search.records import (
    OWN_COLUMNS,
    EncoderRecord,
    Entry,
    EntryKind,
    recorded_weights,
)
from handloom.search.scan import Scan
from handloom.search.store import VectorStore
from handloom.search.vectors import (
    Find,
    Vectorizer,
    file_state,
    vectors_of,
)

FEW = 64  # images or texts that a compiled network embeds before torch is imported


class WantedEncoder(NamedTuple):
    """The encoder that a command asks for.

    spec, weights: None where it asks for none, which means that of the index. find: makes it.
    """

    spec: str | None
    weights: Path | None
    find: Find

    def opened(self, kind: EntryKind) -> "WantedEncoder":
        """The same, opened already. Raises UserError where there is none, or it does not read what
        is to be indexed: before an index is made, of which nothing would be left then."""
        vectorizer = self.find(self.spec, self.weights)
        _check_reads(vectorizer.record, kind)
        return self._replace(find=lambda spec, weights: vectorizer)


class Refreshed(NamedTuple):
    """What a refresh did, in images.

    unchanged: of the same content as before, and not embedded again. renamed: known by their
    content. embedded: contents. removed: files whose content is gone. broken: (path, reason) of
    what cannot be read.
    """

    total: int
    unchanged: int
    renamed: int
    embedded: int
    removed: int
    broken: tuple[tuple[str, str], ...]
    encoder: EncoderRecord
    kind: EntryKind = "images"


def refresh(
    store: VectorStore, scan: Scan, wanted: WantedEncoder, is_rebuild: bool, report: ReportProgress
) -> Refreshed:
    """Make a store agree with the files of a scan. The caller holds `store.writing()`.

    What differs is kept on the disk meanwhile, about 0.2 KB a file. Raises UserError where the
    store holds vectors of another encoder and no rebuild is asked for.
    """
    encoder = _Encoder(store, wanted, is_rebuild)
    _check_reads(encoder.record, scan.kind)
    store.begin(encoder.record, is_rebuild)
    with Differences(scan.own) as differences:
        # Which words are known is a matter of the encoder, which a rebuild may change.
        is_open = is_rebuild and scan.kind == "texts"
        before = _seen(store.entries(), scan.unread)
        kept = set[str]() if is_rebuild else store.unembedded()
        differences.compare(scan.entries(), before, kept, is_rebuild, is_open)
        read_contents(scan.root, differences, report)
        renamed = differences.renamed(store.held)
        count = differences.want(store.missing(differences.contents()))
        _put(store, scan, differences.known())
        if count:
            embed = embed_images if scan.kind == "images" else embed_texts
            vectorizer = encoder.vectorizer(scan.kind, count)
            count = embed(store, scan.root, differences, count, vectorizer, report)
        store.remove(differences.gone())
        store.finish()
        removed = differences.removed(store.held)
        broken = sorted((entry.path, entry.reason or "") for entry in store.entries(broken=True))
        return Refreshed(
            differences.total, differences.still_embedded(), renamed, count, removed,
            (*((path, reason) for path, reason in scan.absent), *broken), encoder.record, scan.kind,
        )  # fmt: skip


def _seen(entries: Iterator[Entry], unread: Sequence[str]) -> Iterator[Entry]:
    """Without those in folders that cannot be read, which are not gone for that."""
    starts = tuple(f"{folder}/" for folder in unread)
    return (entry for entry in entries if not entry.path.startswith(starts)) if starts else entries


def _put(store: VectorStore, scan: Scan, entries: Iterator[Entry]) -> None:
    """Files whose contents are known, at once where the columns of the table have changed."""
    has = {name: kind for name, kind in store.columns().items() if name not in OWN_COLUMNS}
    if list(scan.own.items()) != list(has.items()):
        store.put(entries, None, scan.own)
        return
    for some in in_portions(entries):
        store.put(some, None)


class _Encoder:
    """The encoder of an index: loaded only where something has to be embedded, or may differ."""

    def __init__(self, store: VectorStore, wanted: WantedEncoder, is_rebuild: bool) -> None:
        self.store, self.wanted = store, wanted
        self.loaded: Vectorizer | None = None
        current = store.encoder()
        if current is None or is_rebuild:
            spec = wanted.spec or (current.spec if current is not None else None)
            self.loaded = wanted.find(spec, wanted.weights)
            self.record = self.loaded.record
        else:
            self.record = current
            if _may_differ(current, wanted):
                self.loaded = self._checked()

    def vectorizer(self, kind: EntryKind, count: int) -> Vectorizer:
        """The encoder, ready to embed so many images or texts.

        Raises UserError where it is no longer the same.
        """
        if self.loaded is None:
            is_few = count <= FEW
            self.loaded = vectors_of(self.record, self._checked) if is_few else self._checked()
        self.loaded.prepare(kind, count)
        return self.loaded

    def _checked(self) -> Vectorizer:
        record, wanted = self.record, self.wanted
        recorded = recorded_weights(record)
        spec = wanted.spec or record.spec
        loaded = wanted.find(spec, wanted.weights or (recorded if spec == record.spec else None))
        if loaded.record.fingerprint != record.fingerprint:
            kind = "other weights" if spec == record.spec else f"vectors of {record.spec}"
            raise UserError(
                f"'{self.store.name}' holds {kind}, which cannot be compared with those of "
                f"{spec}: leave --encoder and --weights out, or add --rebuild to embed all again"
            )
        self.record = loaded.record
        return loaded


def _may_differ(current: EncoderRecord, wanted: WantedEncoder) -> bool:
    """Whether an encoder has to be loaded to know that it is that of the index."""
    state = file_state(current.weights)
    if current.state and state and state != current.state:
        return True
    is_same_file = wanted.weights is None or str(wanted.weights.absolute()) == current.weights
    return not is_same_file or wanted.spec not in (None, current.spec)


def _check_reads(record: EncoderRecord, kind: EntryKind) -> None:
    """Raises UserError for an encoder that makes no vectors of such a collection."""
    if kind == "texts" and not record.reads_texts:
        raise UserError(
            f"the encoder {record.spec} reads no texts: give one that does, --encoder clip:NAME, a "
            "run of clip, or sentence:NAME"
        )
    if kind == "images" and not record.reads_images:
        raise UserError(
            f"the encoder {record.spec} reads no images: give timm:NAME, clip:NAME or another"
        )
