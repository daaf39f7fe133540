"""An index: images of one collection, kept true to their files, and searched."""

from collections.abc import Iterator, Sequence, Set
from functools import partial
from itertools import islice
from numbers import Real
from pathlib import Path
from typing import Any, Literal, NamedTuple

from handloom.errors import UserError, names_arguments
from handloom.search.calibration import Calibration, calibrated
from handloom.search.calibration_of_words import calibrated_for_words
from handloom.search.closing import Closing
from handloom.search.copies import folded
from handloom.search.filters import Condition
from handloom.search.grammar import parse
from handloom.search.holding import cells_of, why_none
from handloom.search.places import shown
from handloom.search.queries import Queries, Query, QueryKind, Vectorized
from handloom.search.records import CAPTIONS, EntryKind, Image, Match, Value, Vectors
from handloom.search.store import VectorStore
from handloom.search.vectors import Find

METHODS = {"auto": None, "exact": False, "approximate": True}


class SearchResult(NamedTuple):
    """An image of an answer. path: as it can be opened from here. score: the cosine with the
    query. copies: further images of the collection that show the same. own: the user's columns.
    kind: of an index of texts it is a text, and the path says where it stands."""

    id: int
    path: str
    score: float
    label: str | None
    copies: tuple[str, ...]
    own: dict[str, Value | None]
    kind: EntryKind = "images"

    @property
    def text(self) -> str | None:
        """The text that it is, or the caption of an image, where it has one."""
        values = (value for name, value in self.own.items() if name.lower() in CAPTIONS)
        return next((value for value in values if isinstance(value, str)), None)

    def record(self) -> dict[str, Any]:
        """For JSON; what is not known is left out."""
        label = {} if self.label is None else {"label": self.label}
        copies = {"copies": list(self.copies)} if self.copies else {}
        return {"id": self.id, "path": self.path, "score": round(self.score, 6), **label, **copies,
                **({"own": self.own} if self.own else {})}  # fmt: skip


class Answer(NamedTuple):
    """Results by falling score.

    query: the image that was searched for, None for a sum alone and for words. itself: that image,
    where it is of the collection. below: the best score among what is left out for being below
    min_score; None where nothing is. words: that were searched for. calibration: where min_score
    is by it. unknown: words of the query that the encoder does not know, and that were passed over.
    why: there is no result, where a part of the condition that no image meets says it.
    """

    results: tuple[SearchResult, ...]
    query: Path | None
    itself: Image | None
    min_score: float | None
    below: float | None
    words: str | None = None
    calibration: Calibration | None = None
    unknown: tuple[str, ...] = ()
    why: str | None = None


class Index(Closing):
    """An index that is open. It may be searched while another process adds to it.

    `with handloom.open_index(...) as index:` closes it at the end, as `close` does, and as happens
    when it is dropped.
    """

    def __init__(self, store: VectorStore, root: Path, find: Find) -> None:
        self.store, self.root = store, root
        self.queries = Queries(store, root, find)

    def __len__(self) -> int:
        """Images that can be searched."""
        return self.store.count()[0]

    @names_arguments
    def search(
        self,
        query: Query | None = None,
        k: int = 5,
        *,
        where: str | None = None,
        min_score: float | Literal["auto"] | None = None,
        duplicates: Literal["fold", "show"] = "fold",
        plus: Sequence[Query] = (),
        minus: Sequence[Query] = (),
        method: Literal["auto", "exact", "approximate"] = "auto",
    ) -> Answer:
        """The k images that are nearest, best first; fewer where there are fewer.

        query: an image's path, the number of an image of the collection, or words where the encoder
        reads them. plus, minus: what is added to the query and taken from it. Images of the
        collection that are asked for are left out of the answer, their copies are not. where: a
        condition on the columns. min_score: the least score, "auto" for the one calibrated for
        images, or for words. duplicates: copies of an image are one result, or each its own.
        method: exact, or by an approximate index, which is what "auto" does where one was made for
        being large.

        Raises UserError, one sentence, for what a query or an option is to blame for.
        """
        if k < 1:
            raise UserError(f"-k {k}: must be 1 or more")
        condition = None if where is None else self._condition(where)
        wanted = self._vectorized(query, plus, minus)
        known = self.calibration(wanted.kinds) if min_score == "auto" else None
        least = known.min_score if known is not None else min_score
        if least is not None and not (isinstance(least, Real) and -1 <= least <= 1):
            raise UserError(f"--min-score {least}: must be auto, or a number from -1 to 1")
        matches = self.store.nearest(wanted.vector, condition, METHODS[method])
        nearest = self._results(_without(matches, wanted.left_out), k, duplicates)
        results = [each for each in nearest if least is None or each.score >= least]
        below = nearest[len(results)].score if len(results) < len(nearest) else None
        return Answer(
            tuple(results), wanted.path, wanted.image, least, below, wanted.words, known,
            wanted.unknown, None if nearest else self._why_none(condition),
        )  # fmt: skip

    def random(self) -> int:
        """The number of any image of the collection."""
        return self.store.random()

    def vector(self, query: Query) -> Vectors:
        """The vector (D,) of a query."""
        return self.queries.vectorized(query).vector

    def calibration(self, kinds: Set[QueryKind] = frozenset({"image"})) -> Calibration:
        """What `min_score` "auto" means for queries that are images, or words, and how well it
        tells. Raises UserError for a sum of both, whose scores are like neither's."""
        if len(kinds) > 1:
            raise UserError(
                "--min-score auto is calibrated for images and for words apart, and this query is "
                "a sum of both: give a number, as in --min-score 0.3"
            )
        same: Set[QueryKind] = {"words" if self.queries.kind == "texts" else "image"}
        if kinds != same and self.queries.kind == "texts":
            raise UserError(
                "--min-score auto is not calibrated for images in an index of texts: give a "
                "number, as in --min-score 0.3"
            )
        if kinds != same:
            return calibrated_for_words(self.store, lambda: self.queries.vectorizer().texts)
        return calibrated(self.store)

    def close(self) -> None:
        """Release files and connections; a second time it does nothing."""
        self.store.close()

    def _condition(self, where: str) -> Condition:
        return parse(where, self.store.columns(), partial(cells_of, self.store))

    def _why_none(self, condition: Condition | None) -> str | None:
        if condition is None:
            return None
        return why_none(self.store, condition, self.queries.kind)

    def _vectorized(
        self, query: Query | None, plus: Sequence[Query], minus: Sequence[Query]
    ) -> Vectorized:
        """A query by the encoder that is searched, which a rebuild may change meanwhile."""
        while True:
            before = self.store.encoder()
            made = self.queries.combined(query, plus, minus)
            if self.store.encoder() == before:
                return made

    def _results(self, matches: Iterator[Match], k: int, duplicates: str) -> list[SearchResult]:
        if duplicates == "show":
            every = (self._result([match._replace(images=(image,))], image)
                     for match in matches for image in match.images)  # fmt: skip
            return list(islice(every, k))
        return [self._result(group, group[0].images[0]) for group in folded(matches, k)]

    def _result(self, group: Sequence[Match], image: Image) -> SearchResult:
        """One image for a group of copies."""
        same = [shown(self.root, each.path) for match in group for each in match.images
                if each is not image]  # fmt: skip
        return SearchResult(
            image.id, shown(self.root, image.path), group[0].score, image.label, tuple(same),
            dict(image.own), self.queries.kind,
        )  # fmt: skip


def _without(matches: Iterator[Match], left_out: frozenset[int]) -> Iterator[Match]:
    """All but images of some numbers."""
    for match in matches:
        images = tuple(image for image in match.images if image.id not in left_out)
        if images:
            yield match._replace(images=images)
