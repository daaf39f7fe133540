"""Search in the demo: digits that are alike, by their pixels and by a network that was trained."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from handloom.comparison.demo_panel import Searched, panel
from handloom.data.images.dataset import Images
from handloom.data.images.reading import Reading
from handloom.jobs import find_job
from handloom.jobs.images.encoding import find_encoder
from handloom.reports.panels import Panel
from handloom.runs.directory import find_runs
from handloom.runs.records import RunConfig
from handloom.search.encoding import encode
from handloom.search.index import Index
from handloom.search.opening import update
from handloom.search.records import Vectors
from handloom.search.refresh import WantedEncoder
from handloom.search.vectors import PIXELS, NetworkVectors, PixelVectors, Vectorizer

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing
    from handloom.display.console import Display

NEAREST = 100  # images that are looked at for the share; every digit has more in the index
SHOWN = 6  # neighbours in the contact sheet
ACROSS = 4  # on the terminal
TRAIN = "digits-train"  # the folder that is indexed
QUERIES, ON_PAGE = 3, 2  # in the contact sheet, and on the page of the demo


class DigitSearch(NamedTuple):
    """An index, and how it answers the queries: shares of the nearest that are the same digit, and
    of the few that are shown, (Q,)."""

    name: str
    opened: Index
    shares: Vectors
    first: Vectors

    @property
    def percent(self) -> float:
        """Of all queries."""
        return 100 * float(self.shares.mean())


def demo(folder: Path, display: "Display") -> Panel | None:
    """Index the training digits of the bundled set twice, and search with digits of the test split,
    which the network has not seen."""
    network = next((run.path for run in find_runs(folder) if _has_vectors(run.config())), None)
    if network is None:
        return None
    with ExitStack() as closing:
        return _compared(str(network), folder, display, closing)


def _compared(network: str, folder: Path, display: "Display", closing: ExitStack) -> Panel:
    photos, queries, labels = _images(folder)
    answers = [
        _answered(PIXELS, folder, photos, queries, labels, display, closing),
        _answered(network, folder, photos, queries, labels, display, closing),
    ]
    display.message(
        f"Of the {NEAREST} nearest, the same digit as the query: {answers[0].percent:.1f} % by "
        f"pixels, {answers[1].percent:.1f} % by the network, over {len(queries):,} queries that it "
        "has not seen."
    )
    worst = np.argsort(answers[0].first, kind="stable")[:QUERIES]
    out = folder / "search.png"
    _sheet([queries[row] for row in worst], answers, out)
    _show(queries[worst[0]], labels[worst[0]], answers, display)
    display.message(f"the queries that are hardest for pixels, with their neighbours: {out}")
    encoders = [Searched(each.name, each.opened, each.percent / 100) for each in answers]
    hardest = worst[:ON_PAGE]
    return panel(
        [queries[row] for row in hardest], [labels[row] for row in hardest], encoders, NEAREST,
        _command(folder, network),
    )  # fmt: skip


def _has_vectors(config: RunConfig) -> bool:
    return find_job(config["job"]).encoder is not None


def _images(folder: Path) -> tuple[Path, list[Path], list[str]]:
    """The training digits in a folder for each class, and those of the test split as queries."""
    from handloom.data.images.load import load

    data = load("digits")
    assert data.test is not None
    photos, queries = folder / TRAIN, folder / "digits-test"
    _write(data.train, photos)
    paths, labels = _write(data.test, queries)
    return photos, paths, labels


def _write(images: Images, folder: Path) -> tuple[list[Path], list[str]]:
    from handloom.data.images.drawing.grid import png

    assert images.label is not None
    paths, labels = [], [images.classes[number] for number in images.label.tolist()]
    for number, (pixels, label) in enumerate(zip(images.image, labels, strict=True)):
        path = folder / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(pixels))
        paths.append(path)
    return paths, labels


def _name(spec: str) -> str:
    return "pixels" if spec == PIXELS else "network"


def _command(folder: Path, spec: str) -> str:
    store = folder / f"{_name(spec)}.index"
    return f"handloom index {folder / TRAIN} --encoder {spec} --store {store}"


def _find(spec: str | None, weights: Path | None) -> Vectorizer:
    if spec == PIXELS:
        return PixelVectors()
    return NetworkVectors(find_encoder(str(spec), weights), str(spec))


def _answered(
    spec: str, folder: Path, photos: Path, queries: list[Path], labels: list[str],
    display: "Display", closing: ExitStack,
) -> DigitSearch:  # fmt: skip
    name = _name(spec)
    store = folder / f"{name}.index"
    display.message(_command(folder, spec), "cyan")
    wanted = WantedEncoder(str(Path(spec).resolve()) if spec != PIXELS else spec, None, _find)
    index, done, _ = update(photos, store, wanted, False, Reading(), lambda *_: None)
    closing.enter_context(index)
    display.message(f"{done.embedded:,} images of {done.encoder.width:,} numbers")
    known, images = index.store.sample(done.total)
    digits = [image.label for image in images]
    (encoded,) = encode(queries, index.queries.vectorizer(), len(queries))
    order = np.argsort(-(encoded.vector @ known.T), axis=1, kind="stable")
    right = np.array(digits)[order] == np.array(labels)[:, None]  # (Q, N), best first
    right = right.astype(np.float32)
    return DigitSearch(name, index, right[:, :NEAREST].mean(1), right[:, :SHOWN].mean(1))


def _sheet(queries: list[Path], answers: list[DigitSearch], out: Path) -> None:
    from handloom.runs.files import write_whole
    from handloom.search.sheet import Row, encoded, sheet

    rows = [
        Row(each.opened.search(query, SHOWN), title=f"by {each.name}")
        for query in queries
        for each in answers
    ]
    write_whole(out, encoded(sheet(rows), out.suffix))


def _show(query: Path, label: str, answers: list[DigitSearch], display: "Display") -> None:
    """The hardest query and its neighbours by each encoder, as characters."""
    from handloom.data.images.decode import decode
    from handloom.display.images import art, beside

    grey: Preprocessing = {"size": [8, 8], "channels": 1, "fit": "stretch"}
    for each in answers:
        images = [[*art(decode(query, grey)), f"a {label}, by {each.name}:"]]
        images += [
            [*art(decode(result.path, grey)), f"{result.label}"]
            for result in each.opened.search(query, ACROSS).results
        ]
        display.message(beside(images))
