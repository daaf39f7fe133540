"""Character language models."""

from handloom.jobs.char_rnn import adopt, build
from handloom.jobs.char_rnn.config import Config
from handloom.jobs.char_rnn.options import EvaluateOptions, SampleOptions
from handloom.jobs.char_rnn.unused import unused
from handloom.jobs.job import Example, Job, Lazy, Verb

VERBS = "handloom.jobs.char_rnn.verbs"

JOB = Job(
    name="char-rnn",
    summary="a recurrent network that writes like the text in files or a folder",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    unused=unused,
    adopt=adopt.adopt,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), EvaluateOptions),
        "sample": Verb(Lazy(f"{VERBS}:sample"), SampleOptions, (".txt",)),
    },
    describe=Lazy(f"{VERBS}:describe"),
    report=Lazy(f"{VERBS}:report"),
    export=Lazy("handloom.jobs.char_rnn.export:export"),
    demo=("Write like Python's manual", Lazy("handloom.jobs.char_rnn.demo:demo")),
    run=Lazy("handloom.jobs.char_rnn.run:LanguageModelRun"),
    example=Example({"epochs": 1, "characters": 40_000, "hidden": 64}),
    metrics={"perplexity": lambda value: f"{value:.4g}"},
    sets=Lazy("handloom.data.text.corpus:set_names"),
    several=True,
    next_step="sample {run} --length 400",
)
