"""The command line: finds the verb, and turns what went wrong into a sentence."""

import gc
import io
import sys
from contextlib import nullcontext
from importlib import import_module

from handloom import waiting
from handloom.cli import interrupts
from handloom.errors import UserError, commanded, system_refusal
from handloom.wording import suggestion

VERBS = {
    "train": "handloom.cli.commands.train",
    "resume": "handloom.cli.commands.train",
    "evaluate": "handloom.cli.commands.evaluate",
    "predict": "handloom.cli.commands.predict",
    "report": "handloom.cli.commands.evaluate",
    "sample": "handloom.cli.commands.generate",
    "encode": "handloom.cli.commands.latents",
    "reconstruct": "handloom.cli.commands.latents",
    "interpolate": "handloom.cli.commands.latents",
    "embed": "handloom.cli.commands.embed",
    "export": "handloom.cli.commands.export",
    "index": "handloom.cli.commands.index",
    "search": "handloom.cli.commands.search",
    "map": "handloom.cli.commands.map",
    "compare-encoders": "handloom.cli.commands.compare",
    "stylize": "handloom.cli.commands.stylize",
    "filter": "handloom.cli.commands.filter",
    "show": "handloom.cli.commands.look",
    "runs": "handloom.cli.commands.look",
    "studio": "handloom.cli.commands.studio",
    "serve": "handloom.cli.commands.serve",
    "demo": "handloom.cli.commands.demo",
    "fetch": "handloom.cli.commands.fetch",
    "doctor": "handloom.cli.commands.doctor",
}
DOING = {
    "train": "preparing the training",
    "resume": "preparing the training",
    "evaluate": "evaluating",
    "predict": "predicting",
    "report": "making the report",
    "sample": "generating",
    "encode": "encoding",
    "reconstruct": "reconstructing",
    "interpolate": "generating",
    "embed": "embedding",
    "export": "exporting, and checking each file",
    "index": "indexing",
    "search": "searching",
    "map": "making the map",
    "compare-encoders": "comparing encoders",
    "stylize": "preparing the images",
    "filter": "filtering",
    "show": "looking at the data",
    "runs": "reading the runs",
    "demo": "preparing the demo",
    "doctor": "checking",
}
"""What a verb does, for a terminal that waits; not of those that say it themselves."""
HELP = """\
handloom: a folder of images or a file of text becomes a working neural network

  handloom train JOB DATA [--out RUN] [--from RUN] [--epochs N | --minutes M] [--option value ...]
  handloom resume RUN [--epochs N]       go on after Ctrl-C, a crash or the end
  handloom evaluate RUN [DATA]           metrics on the test split, or on other data
  handloom predict RUN INPUT...          labels and probabilities: images, folders, tables, texts
  handloom sample RUN [--out grid.png]   new images, or text of a char-rnn (--prefix TEXT)
  handloom encode RUN IMAGE...           images as latents; --out latents.csv
  handloom reconstruct RUN IMAGE...      encode and decode images
  handloom interpolate RUN A B           a walk between two images, or two seeds of a gan
  handloom embed DATA --encoder ENCODER  images as vectors of a pretrained network (--out v.npy)
  handloom export RUN [--format onnx]    its networks for other programs, each file checked
  handloom index DATA [--encoder E]      an index of images, made or brought up to date
  handloom search INDEX IMAGE            images that are alike; --id N, --random, --where, --plot
  handloom map INDEX [--out map.html]    all images on a map, those that are alike together
  handloom compare-encoders DATA         which encoder suits these images, measured (--minutes 10)
  handloom stylize PHOTO PAINTING... --out OUT      give a photo the look of paintings
  handloom filter IMAGE --kernel K --out OUT        slide a kernel over an image
  handloom report RUN                    make report.html, one offline page
  handloom show DATA [--out grid.png]    what is in it, what is broken, a contact sheet
  handloom runs [DIR]                    all runs in a table
  handloom studio [DIR]                  a page to look at runs, try and compare them
  handloom serve RUN                     answer requests over HTTP with a run or an index
  handloom demo                          train on bundled data and show the result
  handloom fetch NAME... [--bundle DIR]  data sets and weights, also for a machine without internet
  handloom doctor                        what works here, and what to install for the rest

JOB   {jobs}
DATA  digits (bundled), mnist, fashion-mnist, cifar10, ..., a folder with one subfolder per class,
      a table (image,label or text,target) in CSV or Parquet, a folder of IDX files, a file of
      text, or pydoc (bundled)
'handloom VERB --help' and 'handloom train JOB --help' list the options. --json prints one object
a line instead of tables.
"""


def run(argv: list[str] | None = None) -> int:
    """`main` in a process of its own, which ends after it.

    What is left in memory is not collected once more, which takes a fifth of a short command.
    """
    status = main(argv)
    gc.disable()
    gc.freeze()
    return status


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 when it worked, 2 for what a user can mend, 130 when interrupted."""
    arguments = sys.argv[1:] if argv is None else argv
    _show_everything()
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        from handloom.jobs import JOBS

        print(HELP.format(jobs=", ".join(JOBS)), end="")
        return 0
    if arguments[0] in ("--version", "version"):
        import handloom

        print(handloom.__version__)
        return 0
    try:
        if arguments[0] not in VERBS:
            raise UserError(
                f"there is no verb '{arguments[0]}': {suggestion(arguments[0], list(VERBS))}"
            )
        with interrupts.noticed(), commanded():
            return _run(arguments[0], arguments[1:])
    except UserError as error:
        return _refused(str(error))
    except ModuleNotFoundError as error:
        return _refused(_not_installed(error, arguments[0]))
    except KeyboardInterrupt:
        print("handloom: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0
    except OSError as error:  # a name that is too long, a folder without permission
        if (sentence := system_refusal(error)) is None:
            raise
        return _refused(sentence)


def _run(name: str, arguments: list[str]) -> int:
    """A verb, with a line on the terminal while it shows nothing."""
    is_server = name in ("studio", "serve")
    with nullcontext() if is_server else waiting.shown_on(sys.stderr):
        verb = vars(import_module(VERBS[name]))[name.replace("-", "_")]
        with waiting.doing(DOING.get(name, "working")):
            status: int = verb(arguments)
    return status


def _show_everything() -> None:
    """Escape characters that the terminal's encoding cannot show, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _not_installed(error: ModuleNotFoundError, verb: str) -> str:
    """The sentence where a library is missing, as torch is where exported files are used without.

    Raises the error again where it is about a module of our own.
    """
    if error.name is None or error.name.startswith("handloom"):
        raise error
    return (
        f"'handloom {verb}' needs {error.name}, which is not installed: 'handloom doctor' says "
        "what is missing and how to install it"
    )


def _refused(reason: str) -> int:
    """Print one line, its control characters escaped; the status is 2."""
    from handloom.display.console import printable

    line = reason.replace("\n", "\\n")
    print(f"handloom: {printable(line)}", file=sys.stderr)
    return 2
