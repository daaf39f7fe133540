"""Training, runs, vectors, files for other programs and what is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import names_arguments
from handloom.jobs.images.embedding import Embedding, ImageEncoder
from handloom.jobs.run import Run, open_run
from handloom.jobs.training.repeats import Repeats

if TYPE_CHECKING:
    from handloom.bundles import Fetched
    from handloom.export.results import Exported
    from handloom.jobs.filter.apply import Border, Filtered
    from handloom.jobs.filter.display import ShownAs
    from handloom.runs.records import Vary


@names_arguments
def train(
    job: str,
    data: Any,
    *,
    out: str | Path | None = None,
    from_run: str | Path | None = None,
    quiet: bool = False,
    **options: Any,
) -> Run:
    """Train `job` on `data` and return the run; `options` are those of the command line.

    data: a path or the name of a built-in set; for char-rnn a list of paths too; also (images,
    labels), (texts, labels), a data frame or a data set of torch or Hugging Face, which is written
    into the cache by its content.

    Raises UserError with one sentence for whatever an input or an option is to blame for.
    """
    from handloom.data.objects import data_name
    from handloom.display.console import Display
    from handloom.jobs.training import lifecycle

    directory = lifecycle.train(
        job, data_name(data), options, Display(quiet=quiet), _path(out), _path(from_run)
    )
    return open_run(directory.path)


@names_arguments
def repeat(
    job: str,
    data: Any,
    count: int,
    *,
    out: str | Path | None = None,
    from_run: str | Path | None = None,
    vary: Vary = "seed",
    quiet: bool = False,
    **options: Any,
) -> Repeats:
    """Train `count` times, with the seeds from that of the options on; otherwise as `train`.

    All runs divide the data alike; for vary="split" they have one seed, and each divides the data
    by another `split_seed`. `summary` of what is returned has the mean and the standard
    deviation of the job's metrics.
    """
    from handloom.data.objects import data_name
    from handloom.display.console import Display
    from handloom.jobs.training import repeats

    place = data_name(data)
    display = Display(quiet=quiet)
    made = repeats.repeat(job, place, options, count, display, _path(out), _path(from_run), vary)
    return Repeats(made.path)


@names_arguments
def resume(
    path: str | Path,
    *,
    epochs: int | None = None,
    data: str | Path | Sequence[str | Path] | None = None,
    quiet: bool = False,
) -> Run:
    """Go on with a run that was stopped or killed, or train it to a new total of epochs.

    data: where the data of the run lie now, if they were moved; of several files all of them.
    """
    from handloom.display.console import Display
    from handloom.jobs.training import lifecycle

    places = [data] if isinstance(data, str | Path) else data or []
    place = "\n".join(map(str, places)) or None
    return open_run(lifecycle.resume(Path(path), Display(quiet=quiet), epochs, place).path)


@names_arguments
def open(path: str | Path) -> Run:
    """An existing run, of the class that suits its job."""
    return open_run(path)


@names_arguments
def encoder(
    spec: str | Path, *, weights: str | Path | None = None, device: str = "auto"
) -> ImageEncoder:
    """What turns images into vectors of length 1: called with one (D,), with a list (N, D).

    spec: "pixels", "timm:NAME", "torchvision:NAME", "clip:NAME" or a folder that open_clip saved,
    whose `texts` reads words too, or a run directory of a classifier, an autoencoder, a vae, a
    simclr or a clip run.
    weights: a file of them; without it the published ones are downloaded once.
    """
    from handloom.jobs.images.embedding import ImageEncoder
    from handloom.jobs.images.encoding import find_encoder

    return ImageEncoder(find_encoder(spec, _path(weights), device))


@names_arguments
def embed(
    data: str | Path | Sequence[str | Path],
    encoder: str | Path | ImageEncoder,
    *,
    weights: str | Path | None = None,
    **options: Any,
) -> Embedding:
    """Vectors of length 1 of all images of folders, tables, files or built-in sets.

    encoder: as `handloom.encoder` takes or returns it. options: how folders and tables are read.
    What cannot be read is in `broken`, and every file is encoded one time.
    """
    from handloom.config import check
    from handloom.jobs.images import embedding, encoding
    from handloom.jobs.images.data import ImageReadingOptions, reading_of

    reading = reading_of(vars(check(ImageReadingOptions, options)))
    if isinstance(encoder, embedding.ImageEncoder):
        known = encoder.encoder
    else:
        known = encoding.find_encoder(encoder, _path(weights))
    return embedding.embed([data] if isinstance(data, str | Path) else data, known, reading)


@names_arguments
def stylize(
    photo: str | Path,
    paintings: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    run: str | Path | None = None,
    frames: str | Path | None = None,
    quiet: bool = False,
    **options: Any,
) -> Run:
    """Give `photo` the look of one or more paintings; options are those of the command line.

    Raises UserError with one sentence for whatever an image or an option is to blame for.
    """
    from handloom.display.console import Display
    from handloom.jobs.stylize import verbs

    many = [paintings] if isinstance(paintings, str | Path) else paintings
    directory = verbs.stylize(
        Path(photo), [Path(painting) for painting in many], Path(out), options,
        Display(quiet=quiet), _path(run), _path(frames),
    )  # fmt: skip
    return open_run(directory.path)


@names_arguments
def export_run(
    run: Run | str | Path,
    *,
    format: str | None = None,
    out: str | Path | None = None,
    part: str | None = None,
    weights: str | Path | None = None,
) -> list[Exported]:
    """The networks of a finished run, or an encoder by its name, as files that were checked.

    Each has `path`, `part`, `agreement` and `card`. It is not called `export`, which is the
    package. Raises UserError where a file's outputs are not those of the network.
    """
    from handloom.export.write import export

    source = run.path if isinstance(run, Run) else run
    return export(source, format, _path(out), part, _path(weights))


@names_arguments
def filter(
    image: str | Path,
    kernel: str | Path,
    out: str | Path | None = None,
    *,
    border: Border = "replicate",
    flip: bool = False,
    shown: ShownAs | None = None,
) -> Filtered:
    """Slide a kernel over an image; write the result to `out`, an image, a .npy or a .csv.

    kernel: a name such as "sobel-x", rows such as "-1,0,1;-2,0,2;-1,0,1", a file, a run that has
    learned one, or its .onnx file, for which no torch is imported; not flipped, as in every
    network, unless `flip` asks for the convolution of mathematics. border: what lies beyond the
    image; none: nothing, and the result is smaller by the kernel less one. shown: how numbers
    become pixels, chosen where it is None.

    Raises UserError with one sentence for whatever an image or a kernel is to blame for.
    """
    from handloom.jobs.filter import apply

    if Path(kernel).suffix.lower() == ".onnx":
        from handloom.export.filtering import exported_kernel

        source = exported_kernel(str(kernel), flip)
    else:
        source = apply.found_kernel(str(kernel), flip)
    file = None if out is None else Path(out).expanduser()
    return apply.filter(Path(image).expanduser(), source, file, border, shown)


@names_arguments
def fetch(names: str | Sequence[str], *, bundle: str | Path | None = None) -> list[Fetched]:
    """Data sets and weights by name, brought into $HANDLOOM_DATA, or into the folder `bundle`.

    What fails has its reason in `error`, and the rest goes on. Raises UserError for a name that
    there is not.
    """
    from handloom import bundles

    return bundles.fetch([names] if isinstance(names, str) else names, _path(bundle))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
