"""Bringing an index up to date with its files: what is new or changed is embedded, nothing else.

What is unchanged is known by size and time before anything is read; a file of another name by its
content; and every content is embedded once. What is done is kept every `PART` images, so that a
killed command goes on where it was.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.search.copies import SIDE
from handloom.search.records import OWN_COLUMNS, EncoderRecord, Entry, EntryKind, Part
from handloom.search.scan import Scan
from handloom.search.store import VectorStore
from handloom.search.texts import text_of
from handloom.search.vectors import (
    Find,
    Vectorizer,
    encode,
    file_state,
    recorded_weights,
)

PART = 1024  # images between two writes
CHUNK = 64  # files a thread reads at a time
AT_ONCE = 5_000  # rows of a transaction


class WantedEncoder(NamedTuple):
    """The encoder that a command asks for.

    spec, weights: None where it asks for none, which means that of the index. find: makes it.
    """

    spec: str | None
    weights: Path | None
    find: Find


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

    The entries of the scan get their contents. A million files take about 1 GB of memory.
    Raises UserError where the store holds vectors of another encoder and no rebuild is asked for.
    """
    before = store.entries()
    # Which words are known is a matter of the encoder, which a rebuild may change.
    is_open = is_rebuild and scan.kind == "texts"
    _digest(scan, {} if is_open else before, report)
    entries = scan.entries.values()
    encoder = _Encoder(store, wanted, is_rebuild)
    _check_reads(encoder.record, scan.kind)
    store.begin(encoder.record, is_rebuild)
    unknown = store.missing(e.content for e in entries if e.content and e.reason is None)
    new = [entry for entry in entries if is_rebuild or before.get(entry.path) != entry]
    _put(store, scan, [entry for entry in new if entry.content not in unknown])
    if unknown:
        wanting = [entry for entry in entries if entry.content in unknown]
        embed = _embed if scan.kind == "images" else _embed_texts
        embedded = embed(store, scan.root, wanting, encoder.vectorizer(), report)
    gone = [path for path in before if path not in scan.entries]
    store.remove(gone)
    store.finish()
    added = [entry for entry in new if entry.path not in before and entry.content]
    known = {entry.content for entry in before.values()} if added else set[bytes]()
    here = {entry.content for entry in entries} if gone else set[bytes]()
    removed = sum(before[path].content not in here for path in gone)
    renamed = sum(entry.content in known for entry in added)
    same = (e for e in entries if e.path in before and before[e.path].content == e.content)
    unchanged = sum(entry.content not in unknown for entry in same)
    broken = [(e.path, e.reason or "") for e in store.entries(broken=True).values()]
    return Refreshed(
        len(entries), unchanged, renamed, embedded if unknown else 0, removed,
        (*((path, reason) for path, reason in scan.absent), *sorted(broken)), encoder.record,
        scan.kind,
    )  # fmt: skip


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

    def vectorizer(self) -> Vectorizer:
        """The encoder, ready to encode. Raises UserError where it is no longer the same."""
        self.loaded = self.loaded or self._checked()
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


def _digest(scan: Scan, before: dict[str, Entry], report: ReportProgress) -> None:
    """Gives the entries their contents; files that are unchanged are not read, and what is equal to
    the entry before is that one, so that it is not held twice."""
    reasons = {entry.content: entry.reason for entry in before.values() if entry.reason}
    unread = []
    for path, entry in scan.entries.items():
        old = before.get(path)
        if entry.content:  # of a text, which is known already
            scan.entries[path] = entry._replace(reason=reasons.get(entry.content))
        elif old is not None and _is_unchanged(entry, old):
            entry = entry._replace(content=old.content, reason=old.reason)
            scan.entries[path] = old if entry == old else entry
        else:
            unread.append(entry)
    done = 0
    for part in in_chunks(partial(_contents, scan.root), unread, CHUNK):
        for entry in part:
            reason = entry.reason or reasons.get(entry.content)
            scan.entries[entry.path] = entry._replace(reason=reason)
        done += len(part)
        report("reading", done, len(unread))


def _is_unchanged(entry: Entry, old: Entry) -> bool:
    if entry.mtime is None or not old.content:
        return False
    return (entry.size, entry.mtime) == (old.size, old.mtime)


def _contents(root: Path, _: int, entries: Sequence[Entry]) -> list[Entry]:
    return [_with_content(root, entry) for entry in entries]


def _with_content(root: Path, entry: Entry) -> Entry:
    try:
        with open(os.path.join(root, entry.path), "rb") as file:
            content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError as error:
        return entry._replace(reason=error.strerror or str(error))
    return entry._replace(content=content)


def _put(store: VectorStore, scan: Scan, entries: Sequence[Entry]) -> None:
    """Files whose contents are known, at once where the columns of the table have changed."""
    has = {name: kind for name, kind in store.columns().items() if name not in OWN_COLUMNS}
    if list(scan.own.items()) != list(has.items()):
        store.put(entries, None, scan.own)
        return
    for start in range(0, len(entries), AT_ONCE):
        store.put(entries[start : start + AT_ONCE], None)


def _embed(
    store: VectorStore,
    root: Path,
    entries: Sequence[Entry],
    vectorizer: Vectorizer,
    report: ReportProgress,
) -> int:
    """Embeds each content once, and keeps it with all its files; returns how many there were."""
    files: dict[bytes, list[Entry]] = {}
    for entry in entries:
        files.setdefault(entry.content, []).append(entry)
    firsts = [same[0] for same in files.values()]
    done = embedded = 0
    for some in encode([root / entry.path for entry in firsts], vectorizer, PART):
        kept = [place for place, row in enumerate(some.rows) if _is_same(root, firsts[row])]
        content = [firsts[some.rows[place]].content for place in kept]
        good = [entry for each in content for entry in files[each]]
        bad = [
            entry._replace(reason=reason)
            for row, reason in some.broken
            for entry in files[firsts[row].content]
        ]
        store.put([*good, *bad], Part(content, some.vector[kept], some.thumb[kept]))
        embedded += len(kept)
        done += len(some.rows) + len(some.broken)
        report("embedding", done, len(firsts))
    return embedded


def _embed_texts(
    store: VectorStore,
    _: Path,
    entries: Sequence[Entry],
    vectorizer: Vectorizer,
    report: ReportProgress,
) -> int:
    """Embeds each text once, and keeps it with all places where it stands; returns how many."""
    same: dict[bytes, list[Entry]] = {}
    for entry in entries:
        same.setdefault(entry.content, []).append(entry)
    contents, embedded = list(same), 0
    for start in range(0, len(contents), PART):
        some = contents[start : start + PART]
        reasons = {each: reason for each in some if (reason := _unknown(same[each][0], vectorizer))}
        good = [content for content in some if content not in reasons]
        vectors = vectorizer.texts([text_of(same[content][0]) for content in good])
        every = [e._replace(reason=reasons.get(e.content)) for each in some for e in same[each]]
        store.put(every, Part(good, vectors, np.zeros((len(good), SIDE**2), np.uint8)))
        embedded += len(good)
        report("embedding", start + len(some), len(contents))
    return embedded


def _unknown(entry: Entry, vectorizer: Vectorizer) -> str | None:
    """Why a text has no vector: nothing of it is known; None where something is."""
    try:
        vectorizer.unknown_words(text_of(entry))
    except UserError:
        return "the encoder knows no word of it"
    return None


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


def _is_same(root: Path, entry: Entry) -> bool:
    """Whether a file that has been embedded is still the one that was read before."""
    if entry.mtime is None:
        return _with_content(root, entry).content == entry.content
    try:
        state = os.stat(os.path.join(root, entry.path))
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (entry.size, entry.mtime)
