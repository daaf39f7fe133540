"""In what a collection differs from its index, found by reading both in the order of their paths.

Neither is held: a file that is as the index knows it is counted and forgotten, and what differs is
kept on the disk, so that the memory of a refresh does not grow with the collection.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import itemgetter
from typing import TypeVar

from handloom.data.io.path_order import order
from handloom.search.records import Entry
from handloom.search.rows import ENTRY, entry_of, path_of, stored_path
from handloom.search.spool import Spool

AT_ONCE = 5_000  # rows that are held
OF_FILE = ", ".join(f"file.{name}" for name in ENTRY.split(", "))
GOOD = "reason IS NULL AND content != x''"
TABLES = (
    "gone (path, content)",
    "missing (content PRIMARY KEY) WITHOUT ROWID",
    "wanted (number INTEGER PRIMARY KEY, content UNIQUE, first)",
    "had (content PRIMARY KEY) WITHOUT ROWID",
    "has (content PRIMARY KEY) WITHOUT ROWID",
)
Held = Callable[[Iterator[bytes]], Iterator[bytes]]

Kept = TypeVar("Kept")
first = itemgetter(0)


class Differences(Spool):
    """Files that are new, changed or gone, and those whose content has no vector.

    own: the user's columns. total: files of the collection. unchanged: good ones that were counted
    and forgotten. reasons: why contents are broken, as the index knows it.
    """

    def __init__(self, own: Iterable[str]) -> None:
        super().__init__(["before", "is_unread"], TABLES)
        self.own = list(own)
        self.total = self.unchanged = 0
        self.reasons: dict[bytes, str] = {}

    def compare(
        self,
        now: Iterator[Entry],
        before: Iterator[Entry],
        kept: set[str],
        keep_all: bool,
        asked: bool,
    ) -> None:
        """Files as they are, without contents, and as they are known.

        kept: paths that are kept even where nothing has changed; keep_all: all are. asked: whether
        contents that are known to be broken are asked again.
        """
        for entry, old in aligned(now, before):
            if old is not None and old.reason and old.content and not asked:
                self.reasons[old.content] = old.reason
            if entry is None:
                assert old is not None
                row = stored_path(old.path), old.content
                self.execute("INSERT INTO gone VALUES (?, ?)", row)
                continue
            self.total += 1
            known = None if old is None or asked else _known(entry, old)
            if known is not None and known == old and not keep_all and entry.path not in kept:
                self.unchanged += known.reason is None
            else:
                entry = known or entry
                self.add(entry, None if old is None else old.content, not entry.content)

    def unread(self) -> Iterator[list[tuple[int, Entry]]]:
        """Files whose content is to be read, some at a time, with their numbers."""
        last = 0
        while some := self._entries(f"number > {last} AND is_unread ORDER BY number", AT_ONCE):
            yield some
            last = some[-1][0]

    def read(self, files: Iterable[tuple[int, Entry]]) -> None:
        """Files with their contents."""
        self.many(
            "UPDATE file SET content = ?, reason = ? WHERE number = ?",
            ((entry.content, entry.reason, number) for number, entry in files),
        )

    def all_read(self) -> None:
        """Every content is known now, and with it whether it is broken."""
        self.execute("CREATE INDEX by_content ON file (content)")
        self.many(
            "UPDATE file SET reason = ? WHERE content = ? AND reason IS NULL",
            ((reason, content) for content, reason in self.reasons.items()),
        )

    def contents(self) -> Iterator[bytes]:
        """What vectors are needed of."""
        return map(first, self.each(f"SELECT DISTINCT content FROM file WHERE {GOOD}"))

    def want(self, contents: Iterator[bytes]) -> int:
        """Those that there are no vectors of, which have to be embedded; returns how many."""
        self.many("INSERT OR IGNORE INTO missing VALUES (?)", ((each,) for each in contents))
        self.execute(
            "INSERT INTO wanted (content, first) SELECT content, min(number) FROM file "
            f"WHERE {GOOD} AND content IN missing GROUP BY content ORDER BY min(number)"
        )
        return self.number("SELECT count(*) FROM wanted")

    def known(self) -> Iterator[Entry]:
        """Files that are new or changed and whose contents need no vector."""
        rows = self.each(f"SELECT {ENTRY} FROM file WHERE content NOT IN missing ORDER BY number")
        return (entry_of(row, self.own) for row in rows)

    def firsts(self, start: int, stop: int) -> list[Entry]:
        """Of the contents to be embedded, in the order of their first files, some: these files."""
        rows = self.each(
            f"SELECT {OF_FILE} FROM wanted JOIN file ON file.number = first "
            "WHERE wanted.number > ? AND wanted.number <= ? ORDER BY wanted.number", (start, stop),
        )  # fmt: skip
        return [entry_of(row, self.own) for row in rows]

    def copies(self, start: int, stop: int) -> Iterator[tuple[int, Entry]]:
        """The other files of these contents, each with the place of its content among all."""
        rows = self.each(
            f"SELECT wanted.number, {OF_FILE} FROM wanted JOIN file "
            "ON file.content = wanted.content AND file.number != first "
            "WHERE wanted.number > ? AND wanted.number <= ?", (start, stop),
        )  # fmt: skip
        return ((number - 1, entry_of(row, self.own)) for number, *row in rows)

    def gone(self) -> Iterator[str]:
        """Paths of files that are there no more."""
        return map(path_of, map(first, self.each("SELECT path FROM gone")))

    def renamed(self, held: Held) -> int:
        """How many files are new whose content a file of the index had; held: which of some
        contents one has."""
        test = "FROM file WHERE before IS NULL AND content != x''"
        rows = self.each(f"SELECT DISTINCT content {test}")
        self.many("INSERT INTO had VALUES (?)", ((each,) for each in held(map(first, rows))))
        return self.number(f"SELECT count(*) {test} AND content IN had")

    def removed(self, held: Held) -> int:
        """How many files are gone whose content no file has any more."""
        rows = self.each("SELECT DISTINCT content FROM gone")
        self.many("INSERT INTO has VALUES (?)", ((each,) for each in held(map(first, rows))))
        return self.number("SELECT count(*) FROM gone WHERE content NOT IN has")

    def still_embedded(self) -> int:
        """How many files have the content they had, and its vector."""
        return self.unchanged + self.number(
            f"SELECT count(*) FROM file WHERE {GOOD} AND content = before "
            "AND content NOT IN missing"
        )

    def _entries(self, test: str, most: int) -> list[tuple[int, Entry]]:
        rows = self.each(f"SELECT number, {ENTRY} FROM file WHERE {test} LIMIT {most}")
        return [(number, entry_of(row, self.own)) for number, *row in rows]


def aligned(
    now: Iterator[Entry], before: Iterator[Entry]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Entries of two streams by path, in order; None for one that has none of that path."""
    left, right = _checked(now), _checked(before)
    new, old = next(left, None), next(right, None)
    while new is not None or old is not None:
        if new is not None and old is not None and new[0] == old[0]:
            yield new[1], old[1]
            new, old = next(left, None), next(right, None)
        elif old is None or (new is not None and new[0] < old[0]):
            assert new is not None
            yield new[1], None
            new = next(left, None)
        else:
            yield None, old[1]
            old = next(right, None)


def _checked(entries: Iterator[Entry]) -> Iterator[tuple[bytes, Entry]]:
    """With what they are ordered by. Out of order, files that are there would count as gone."""
    last: bytes | None = None
    for entry in entries:
        key = order(entry.path)
        if last is not None and key <= last:
            raise AssertionError(f"{entry.path!r} does not come after {last!r}")
        last = key
        yield key, entry


def _known(entry: Entry, old: Entry) -> Entry | None:
    """A file with its content and its reason where the index knows them; None where it has to be
    read, and for a text that is another one now."""
    if entry.content:  # of a text, which is known already
        return entry._replace(reason=old.reason) if entry.content == old.content else None
    if entry.mtime is None or not old.content:
        return None
    if (entry.size, entry.mtime) != (old.size, old.mtime):
        return None
    return entry._replace(content=old.content, reason=old.reason)


def in_portions(items: Iterable[Kept], size: int = AT_ONCE) -> Iterator[list[Kept]]:
    """Some at a time, until all are taken."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
