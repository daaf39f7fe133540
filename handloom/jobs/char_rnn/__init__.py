"""Character language models."""

from handloom.jobs.char_rnn import build
from handloom.jobs.char_rnn.options import SampleOptions
from handloom.jobs.job import Job, Lazy, Verb

VERBS = "handloom.jobs.char_rnn.verbs"

JOB = Job(
    name="char-rnn",
    summary="a recurrent network that writes like a text, from a file of it",
    config=build.Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate")),
        "sample": Verb(Lazy(f"{VERBS}:sample"), SampleOptions, (".txt",)),
    },
    describe=Lazy(f"{VERBS}:describe"),
    report=Lazy(f"{VERBS}:report"),
    demo=("Write like Python's manual", Lazy("handloom.jobs.char_rnn.demo:demo")),
    run=Lazy("handloom.jobs.char_rnn.run:LanguageModelRun"),
    metrics={"perplexity": lambda value: f"{value:.4g}"},
    sets=Lazy("handloom.data.text.source:set_names"),
    next_step="sample {run} --length 400",
)
