"""The process that a run or an index is opened in, and what it is asked.

A request is (name of an action, its arguments); answers are ("part", value) any number of times,
then ("end", value), ("refused", sentence) for a UserError, which names fields of the request in
place of flags, or ("failed", sentence).
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from handloom.data.io.within import WITHIN
from handloom.errors import UserError, as_arguments, system_refusal
from handloom.studio import index_actions
from handloom.studio.corrections import FILE, lines
from handloom.studio.uploads import as_files
from handloom.wording import join_and, kind_and_reason, with_article

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.results import Explained
    from handloom.jobs.run import Run

STOP = "stop"  # an action: nobody listens to the answer that is being given
MOST_FRAMES = 48  # of a walk, that are sent


def work(connection: Connection, place: str, is_index: bool, within: Sequence[str]) -> None:
    """The life of a worker: open, answer until the other side goes away, and close.

    within: folders that a table of its data may name files in; none: any.
    """
    os.environ[WITHIN] = os.pathsep.join(within)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's affair
    signal.signal(signal.SIGTERM, _end)
    # Threads of torch that wait for each other give their core to the server: 16 instead of 27 ms
    # of processor an image, with a loaded machine. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        with ExitStack() as closing, suppress(ConnectionError, EOFError):
            _answer_all(connection, place, is_index, closing)
    finally:  # what follows is Python's own end, where an exit would be printed as an error
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(*_: object) -> None:
    """Told to end: what is open is closed, and the files of a request go."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    sys.exit()


def _answer_all(connection: Connection, place: str, is_index: bool, closing: ExitStack) -> None:
    opened: Any = None
    while True:
        try:
            name, arguments = connection.recv()
        except (EOFError, OSError):
            return
        if name == STOP:  # the answer had ended meanwhile
            continue
        try:
            if opened is None:
                opened = _open(place, is_index, closing)
            action = (INDEX_ACTIONS if is_index else RUN_ACTIONS)[name]
            _answer(connection, action(opened, **arguments))
        except UserError as error:
            connection.send(("refused", as_arguments(str(error))))
        except (ConnectionError, EOFError):
            return
        except Exception as error:
            connection.send(_told(error))


def _told(error: Exception) -> tuple[str, str]:
    """What is not a UserError: a file that the system refuses, or a fault of ours, which the page
    names while the worker lives."""
    sentence = system_refusal(error) if isinstance(error, OSError) else None
    return ("failed", kind_and_reason(error)) if sentence is None else ("refused", sentence)


def _open(place: str, is_index: bool, closing: ExitStack) -> Any:
    import handloom

    return closing.enter_context(handloom.open_index(place)) if is_index else handloom.open(place)


def _answer(connection: Connection, value: Any) -> None:
    if isinstance(value, Iterator):
        for part in value:
            connection.send(("part", part))
            if connection.poll():  # whoever asked has gone
                connection.recv()
                break
        value = None
    connection.send(("end", value))


def _check_takes(run: Run, verb: str, given: str) -> None:
    """Raises UserError where a verb of the run takes something else: a text would be taken for the
    path of an image."""
    takes = run.job.verb(verb).takes
    if takes != given:
        raise UserError(
            f"{with_article(given)} was sent, and {verb} of {with_article(run.job.name)} run takes "
            f"{'nothing' if takes is None else with_article(takes)}"
        )


def predict(
    run: Run, images: Sequence[bytes] = (), texts: Sequence[str] = (), **options: Any
) -> list[dict[str, Any]]:
    """Records of images or of texts, in their order, with "error" for what cannot be read."""
    from handloom.data.text.literal import LiteralText

    _check_takes(run, "predict", "text" if texts else "image")
    if texts:
        return list(run.call("predict", [LiteralText(text) for text in texts], **options))
    with as_files(images) as paths:
        by_path = {record["input"]: record for record in run.call("predict", paths, **options)}
    records = [by_path[path] for path in paths]
    return [{k: v for k, v in record.items() if k != "input"} for record in records]


def explain(
    run: Run, images: Sequence[bytes] = (), texts: Sequence[str] = (), **options: Any
) -> list[dict[str, Any]]:
    """Predictions, as `predict` gives them, with what spoke for them where that can be said."""
    from handloom.data.text.literal import LiteralText

    _check_takes(run, "predict", "text" if texts else "image")
    if run.job.verb("predict").explain is None:
        return predict(run, images, texts, **options)
    if texts:
        return [_explained(e) for e in run.explain([LiteralText(t) for t in texts], **options)]
    with as_files(images) as paths:
        explained = run.explain(paths, **options)
    if not explained:
        raise UserError("this image cannot be read: it may be damaged")
    return [_explained(each) for each in explained]


def _explained(explained: Explained) -> dict[str, Any]:
    from handloom.jobs.results import Heat

    record = {name: value for name, value in explained.record.items() if name != "input"}
    because = explained.because
    if isinstance(because, Heat):
        record |= {"image": _png(because.image), "heated": _png(because.heated)}
    elif because is not None:
        record["words"] = [list(word) for word in because]
    return record


def sample(run: Run, /, **options: Any) -> dict[str, Any]:
    """Images with their labels and latents, or whole texts of a run that writes."""
    from handloom.jobs.results import GeneratedText

    made = run.call("sample", **options)
    if isinstance(made, GeneratedText):
        return {"texts": made.written()}
    return {
        "images": [_png(image) for image in made.image],
        "labels": list(made.labels),
        "latents": [[round(v, 4) for v in row] for row in made.latent.tolist()],
    }


def write(run: Run, /, **options: Any) -> Iterator[str]:
    """A text, character by character, as it is written."""
    from handloom.jobs.results import GeneratedText

    made = run.call("sample", **options)
    if not isinstance(made, GeneratedText):
        raise UserError(
            f"{with_article(run.job.name)} run writes no text: its verbs are "
            f"{join_and(list(run.job.verbs))}"
        )
    return (character for _, character in made.characters)


def reconstruct(run: Run, images: Sequence[bytes], **options: Any) -> dict[str, Any]:
    """An image, encoded and decoded, its error and its latent."""
    with as_files(images) as paths:
        made = run.call("reconstruct", paths, **options)
        latents = run.call("encode", paths, **options)
    return {
        "original": _png(made.original[0]),
        "image": _png(made.image[0]),
        "error": float(made.error[0]),
        "latent": [round(value, 4) for value in latents.latent[0].tolist()],
    }


def interpolate(
    run: Run, images: Sequence[bytes] = (), ends: Sequence[str] = (), **options: Any
) -> dict[str, Any]:
    """Frames of a walk between images, or between ends as they are typed: seeds, or latents."""
    if images:
        _check_takes(run, "interpolate", "image")
    with as_files(images) as paths:
        frames = run.call("interpolate", paths or ends, **options)
    return {"images": [_png(frame) for frame in frames[:MOST_FRAMES]]}


def thumbnails(run: Run, names: Sequence[str]) -> dict[str, bytes]:
    """Images of the run's own data, by the names that they have in mistakes.csv; those that are
    gone or have changed since are left out."""
    known = {line.get("file", ""): line.get("content", "") for line in lines(run.path)
             } if (run.path / FILE).is_file() else {}  # fmt: skip
    pixels = run.images({name: known.get(name, "") for name in names})
    return {name: _png(image) for name, image in pixels.items()}


def report(run: Run) -> None:
    """Make report.html."""
    run.report()


Actions = dict[str, Callable[..., Any]]
OF_RUNS = (predict, explain, sample, write, reconstruct, interpolate, thumbnails, report)
RUN_ACTIONS: Actions = {action.__name__: action for action in OF_RUNS}
INDEX_ACTIONS: Actions = {action.__name__: action for action in index_actions.ALL}


def _png(pixels: Tensor) -> bytes:
    from handloom.data.images.drawing.grid import image_of

    buffer = io.BytesIO()
    image_of(pixels).save(buffer, "PNG")
    return buffer.getvalue()
