"""Text classification."""

from handloom.jobs.job import Example, Job, Lazy, Verb
from handloom.jobs.text_classifier import adopt, build, network, trials
from handloom.jobs.text_classifier.options import EvaluateOptions, PredictOptions
from handloom.jobs.text_classifier.unused import unused
from handloom.wording import percent

VERBS = "handloom.jobs.text_classifier.verbs"

JOB = Job(
    name="text-classifier",
    summary="a network that sorts texts into classes, from labelled texts",
    config=build.Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=network.networks,
    search=trials.search,
    unused=unused,
    adopt=adopt.adopt,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), EvaluateOptions),
        "predict": Verb(
            Lazy("handloom.jobs.text_classifier.predict:predict"),
            PredictOptions,
            takes="text",
            explain=Lazy("handloom.jobs.text_classifier.predict:explain"),
        ),
    },
    contents=Lazy("handloom.jobs.text_classifier.encoded:contents"),
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    report=Lazy(f"{VERBS}:report"),
    example=Example({"network": "bag", "epochs": 1}),
    weights=("sentence:all-MiniLM-L6-v2",),
    export=Lazy("handloom.jobs.text_classifier.export:export"),
    answering=Lazy("handloom.jobs.text_classifier.export:answering"),
    metrics={"accuracy": percent},
    sets=Lazy("handloom.data.text.source:set_names"),
    next_step="predict {run} 'some text'",
)
