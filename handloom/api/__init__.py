"""The verbs in Python: the same names and defaults as on the command line."""

from handloom.api.search import (
    compare_encoders,
    index,
    open_index,
    vectorizers,
    wanted_encoder,
)
from handloom.api.verbs import (
    embed,
    encoder,
    export_run,
    fetch,
    filter,
    open,
    repeat,
    resume,
    stylize,
    train,
)
from handloom.jobs.char_rnn.run import LanguageModelRun
from handloom.jobs.generation.run import GenerativeRun
from handloom.jobs.images.embedding import Embedding, ImageEncoder
from handloom.jobs.run import Run
from handloom.jobs.training.repeats import Repeats

__all__ = [
    "Embedding",
    "GenerativeRun",
    "ImageEncoder",
    "LanguageModelRun",
    "Repeats",
    "Run",
    "compare_encoders",
    "embed",
    "encoder",
    "export_run",
    "fetch",
    "filter",
    "index",
    "open",
    "open_index",
    "repeat",
    "resume",
    "stylize",
    "train",
    "vectorizers",
    "wanted_encoder",
]
